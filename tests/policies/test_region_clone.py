"""A region from nothing: clone, fill, preview with policies, in a backend of its own.

Two ``file://`` backends and the real engine; a preview needs no machine and no lab.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from bloomery.site import load
from bloomery.site.metal.delivery import IDENTITY

REPO = Path(__file__).resolve().parents[2]
NATION = """\
locks:
  country: {lock: locked, value: UA}
  trust.bmc_credentials: {lock: locked, value: derived}
  policy.allowed_locations:
    lock: tighten-only
    order: subset
    value: [UA-lab, UA-lab-vault, UA-west]
  sovereignty.secret_max_age: {lock: tighten-only, order: lower, value: 90 d}
"""


@dataclass(frozen=True)
class Ground:
    """A project with the lab's site under a nation, and its clone ``west``."""

    project: Path
    state: Path

    def run(self, site: str, command: str) -> subprocess.CompletedProcess[str]:
        """Type a command in a shell that ``bloomery env`` has set up for ``site``."""
        return self.type(f'eval "$(bloomery env {site})" && {command}')

    def type(self, command: str) -> subprocess.CompletedProcess[str]:
        """Type a command in a bare shell."""
        env = {
            "PATH": os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]]),
            "HOME": str(self.project.parent),
            "BLOOMERY_STATE": str(self.state),
            "BLOOMERY_CACHE": str(self.project.parent / "cache"),
        }
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"],
            cwd=self.project,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def site(self, name: str) -> Path:
        """The site.yaml of a site."""
        return self.project / "inventories" / name / "site.yaml"


def lay_out(folder: Path) -> Path:
    (folder / "inventories").mkdir(parents=True)
    shutil.copytree(REPO / "inventories" / "lab", folder / "inventories" / "lab")
    (folder / "inventories" / "national.yaml").write_text(NATION)
    ignore = shutil.ignore_patterns("__pycache__", "Pulumi.*.yaml")
    shutil.copytree(REPO / "stacks", folder / "stacks", ignore=ignore)
    sheet = yaml.safe_load((REPO / "Pulumi.yaml").read_text())
    sheet["runtime"]["options"]["virtualenv"] = sys.prefix
    sheet["plugins"]["providers"][0]["path"] = str(REPO / "components" / "plugin")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(sheet))
    return folder


VALUES = {
    "networks.oob.cidr": "127.86.0.0/16",
    "networks.oob.controller": "127.86.0.1",
    "networks.provisioning.cidr": "10.86.0.0/16",
    "networks.provisioning.gateway": "10.86.0.1",
    "location": "UA-west",
    "depot.url": "http://10.86.0.1:8480",
    "sovereignty.registries[0]": '"http://10.86.0.1:8480"',
    "sovereignty.registries[1]": '"https://127.86.0.1:8480"',
    "sovereignty.facility.cidr": "127.87.0.0/16",
    "sovereignty.facility.broker": "127.87.0.1",
    "sovereignty.time_sources[0]": "10.86.0.1",
}
"""What a person writes for each fault of the check, by the path the fault names."""


def fill(ground: Ground, told: str) -> None:
    """Do what the faults say, and nothing else."""
    site = ground.site("west")
    lines = site.read_text().splitlines()
    rows = (site.parent / "machines.csv").read_text().splitlines()
    for fault in told.splitlines():
        where, path, _ = fault.split(" ", 2)
        file, _, number = where.rpartition(":")
        if file.endswith("site.yaml"):
            value = VALUES[path.rstrip(":")]
            lines[int(number) - 1] = lines[int(number) - 1].replace("TO-FILL", value, 1)
        else:
            name, pool, rack, unit = rows[int(number) - 1].split(",")[:4]
            rows[int(number) - 1] = (
                f"{name},{pool},{rack},{unit},02:86:0b:01:00:{int(unit):02x},127.86.1.{unit}:8443,"
                f",WEST-U{unit},86000000-5c1e-4b8a-9a53-86010000000{unit}"
            )
    text = "\n".join(lines).replace("[UA-lab, UA-lab-vault]", "[UA-west, UA-lab-vault]")
    site.write_text(text + "\n")
    (site.parent / "machines.csv").write_text("\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Source with a stack; clone made and filled by the faults of its own check."""
    folder = tmp_path_factory.mktemp("regions")
    ground = Ground(lay_out(folder / "project"), folder / "state")
    source = ground.run("lab", "pulumi config set --secret note of-the-source")
    assert source.returncode == 0, source.stderr
    cloned = ground.type("bloomery site clone lab west")
    assert cloned.returncode == 0, cloned.stderr
    draft = ground.type("bloomery site check west")
    assert draft.returncode == 2
    fill(ground, draft.stderr)
    checked = ground.type("bloomery site check west")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    yield ground


def test_the_filled_clone_passes_policy(ground: Ground) -> None:
    done = ground.run("west", f"pulumi preview --policy-pack {REPO / 'policies' / 'sovereign'}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sovereign@v" in done.stdout
    assert "[mandatory]" not in done.stdout
    assert "bloomery:site:Site west" in " ".join(done.stdout.split())


def test_both_states_are_apart(ground: Ground) -> None:
    for file in ("secret", "passphrase", "site-ca.pem"):
        lab, west = (ground.state / site / file for site in ("lab", "west"))
        assert lab.read_bytes() != west.read_bytes(), file
    salts = {
        yaml.safe_load((ground.project / f"stacks/Pulumi.{site}.yaml").read_text())[
            "encryptionsalt"
        ]
        for site in ("lab", "west")
    }
    assert len(salts) == 2
    for site in ("lab", "west"):
        listed = ground.run(site, "pulumi whoami -v && pulumi stack ls --json")
        assert (ground.state / site / "backend").as_uri() in listed.stdout
        assert f'"name": "{site}"' in listed.stdout
        assert listed.stdout.count('"name":') == 1


def test_neither_passphrase_opens_the_other(ground: Ground) -> None:
    shown = "pulumi config get note"
    assert ground.run("lab", shown).stdout.strip() == "of-the-source"
    assert ground.run("west", shown).returncode != 0
    stranger = f"PULUMI_CONFIG_PASSPHRASE_FILE={ground.state}/west/passphrase {shown}"
    done = ground.run("lab", stranger)
    assert done.returncode != 0
    assert "incorrect passphrase" in done.stderr


def test_nothing_of_the_source_is_in_the_clone(ground: Ground) -> None:
    source = load(ground.site("lab").parent)
    marks = {getattr(machine, column) for machine in source.machines for column in IDENTITY}
    marks |= {"127.77.", "10.77.", "127.78.", "of-the-source"}
    marks |= {
        (ground.state / "lab" / file).read_text().strip() for file in ("secret", "passphrase")
    }
    places = [ground.site("west").parent, ground.state / "west"]
    files = [file for place in places for file in place.rglob("*") if file.is_file()]
    files.append(ground.project / "stacks" / "Pulumi.west.yaml")
    assert len(files) > 5
    for file in files:
        text = file.read_text(errors="replace")
        assert not [mark for mark in marks if mark in text], file


def test_a_region_that_loosens_does_not_preview(ground: Ground) -> None:
    """In a shell that was set up before: the programme itself stops, with both lines of each."""
    before = ground.site("west").read_text()
    edits = {"bmc_credentials: derived": "factory", "secret_max_age: 90 d": "91 d"}
    loosen = [f"-e 's/{old}/{old.partition(':')[0]}: {new}/'" for old, new in edits.items()]
    try:
        command = f"sed -i {' '.join(loosen)} inventories/west/site.yaml && pulumi preview"
        done = ground.run("west", command)
    finally:
        ground.site("west").write_text(before)
    assert done.returncode != 0
    told = " ".join((done.stdout + done.stderr).split())
    for old, national in zip(edits, (3, 8), strict=True):
        own = 1 + before.splitlines().index(f"  {old}")
        assert f"inventories/west/site.yaml:{own} " in told
        assert f"inventories/national.yaml:{national} " in told
