"""Names with a domain in files of the roles: rendered by Ansible itself, nothing is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROLES = Path(__file__).parents[3] / "ansible" / "roles"

ADDRESSES = {"gpu-002": "10.0.0.2", "gpu-001.hall1.ua": "10.0.0.1"}


def rendered(template: str, folder: Path, **variables: object) -> str:
    """What Ansible makes of a template of a role, on this machine."""
    made, given = folder / "made", folder / "given.json"
    given.write_text(json.dumps(variables))
    (folder / "ansible.cfg").touch()  # none of the user's own
    said = subprocess.run(
        [
            *(Path(sys.executable).parent / "ansible", "localhost", "-i", "localhost,"),
            *("-c", "local", "-m", "ansible.builtin.template", "-e", f"@{given}"),
            *("-e", f"ansible_python_interpreter={sys.executable}"),
            *("-a", f"src={ROLES / template} dest={made}"),
        ],
        env={**os.environ, "ANSIBLE_CONFIG": str(folder / "ansible.cfg"), "HOME": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return made.read_text()


def test_a_host_with_a_domain_has_an_alias_without_it(tmp_path: Path) -> None:
    text = rendered("node_base/templates/hosts.j2", tmp_path, node_base_hosts=ADDRESSES)
    assert text.splitlines()[2:] == ["10.0.0.1 gpu-001.hall1.ua gpu-001", "10.0.0.2 gpu-002"]


def test_slurm_knows_hosts_by_their_short_names(tmp_path: Path) -> None:
    text = rendered(
        "cluster_slurm/templates/slurm.conf.j2",
        tmp_path,
        cluster_slurm_name="hall",
        cluster_slurm_controller={"mgmt-01.hall1.ua": "10.0.0.9"},
        cluster_slurm_nodes=ADDRESSES,
        cluster_slurm_cpus=2,
    )
    lines = text.splitlines()
    assert "SlurmctldHost=mgmt-01(10.0.0.9)" in lines
    assert [line.partition(" CPUs")[0] for line in lines if line.startswith("NodeName")] == [
        "NodeName=gpu-001 NodeAddr=10.0.0.1",
        "NodeName=gpu-002 NodeAddr=10.0.0.2",
    ]
    assert [line for line in lines if line.startswith("PartitionName=main Nodes=gpu-001,gpu-002 ")]


def test_a_job_is_for_the_short_names(tmp_path: Path) -> None:
    said = (ROLES / "train_torch/vars/main.yml").read_text()
    variables = dict(
        line.split(": ", 1) for line in said.splitlines() if line.startswith("train_torch_")
    )
    text = rendered(
        "train_torch/templates/job.sh.j2",
        tmp_path,
        **{key: variables[key].strip('"') for key in ("train_torch_order", "train_torch_hosts")},
        train_torch_nodes=ADDRESSES,
        train_torch_limit=60,
        train_torch_home="/home/train",
        train_torch_code="/opt/train",
        train_torch_sizes={"threads": 1},
    )
    assert "#SBATCH --nodelist=gpu-001,gpu-002\n" in text


@pytest.mark.parametrize("template", ["node_base/templates/hosts.j2"])
def test_a_template_that_fails_is_told(template: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="node_base_hosts"):
        rendered(template, tmp_path)
