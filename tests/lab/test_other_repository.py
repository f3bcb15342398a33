"""A site's own repository, as its page says: the installed wheel, a programme, ``pulumi up``."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import wheelhouse
import yaml
from environment import HANGS_S
from lab_under_test import REPO, Pool, write_site

sys.path.insert(0, str(REPO / "tools"))

from pages.steps import FENCE, script, steps

PAGE = REPO / "docs" / "own-repository.md"
MARK = "@@ step"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with an environment, the files of the page, and a site of two machines."""
    folder = tmp_path / "factory"
    folder.mkdir()
    wheelhouse.install(wheelhouse.build(tmp_path), folder / "venv")
    for name in ("pulumi", "pulumi-language-python", "pulumi-language-python-exec"):
        (folder / "venv" / "bin" / name).symlink_to((REPO / ".venv/bin" / name).resolve())
    for block in FENCE.finditer(PAGE.read_text()):
        _, *name = block["info"].split()
        if name:
            (folder / name[0]).write_text(block["body"])
    site = write_site(folder / "inventories", "elsewhere", 102, (Pool("node", 2),)) / "site.yaml"
    sheet = yaml.safe_load(site.read_text())
    site.write_text(yaml.safe_dump(sheet | _lawful()))
    return folder


def _lawful() -> dict[str, object]:
    """What the shipped lab says to law, with the addresses of this site."""
    text = (REPO / "inventories" / "lab" / "site.yaml").read_text()
    for theirs, ours in (("10.77.0.1", "127.102.128.1"), ("127.77.0.1", "127.102.0.1")):
        text = text.replace(theirs, ours)
    lab = yaml.safe_load(text)
    return {"policy": lab["policy"], "sovereignty": lab["sovereignty"]}


@pytest.fixture
def shell(project: Path) -> Iterator[dict[str, str]]:
    """A shell that knows nothing of a checkout; its lab is taken away in any case."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "BLOOMERY_"))}
    ours = str(REPO / ".venv" / "bin")
    path = [part for part in clean["PATH"].split(os.pathsep) if part != ours]
    clean["PATH"] = os.pathsep.join([str(project / "venv" / "bin"), *path])
    clean["BLOOMERY_STATE"] = str(project / "state")
    yield clean
    subprocess.run(["bloomery", "lab", "down", "elsewhere"], cwd=project, env=clean, check=True)


def test_every_step_of_the_page(project: Path, shell: dict[str, str]) -> None:
    """Machines come up by the wheel's own provider and programme; nothing is of a checkout."""
    ended = subprocess.run(
        ["bash", "-c", script(steps(PAGE.read_text()), MARK)],
        cwd=project,
        env=shell,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANGS_S,
    )
    assert ended.returncode == 0, ended.stdout
    assert f"from $PATH at {project}/venv/bin/pulumi-resource-bloomery" in ended.stdout
    assert '{"node-01":"reachable","node-02":"reachable"}' in ended.stdout
    assert "    5 unchanged" in ended.stdout
    assert str(REPO / "components") not in ended.stdout
