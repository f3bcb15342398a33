"""``bloomery site clone`` from the shell: what is made, what is refused, what is left behind."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[3]
Shell = Callable[..., subprocess.CompletedProcess[str]]
BLOOMERY = str(Path(sys.executable).parent / "bloomery")
PROJECT = "name: ai-factory\nmain: stacks\nstackConfigDir: stacks\nruntime: python\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Pulumi project without a programme, with the lab's site."""
    folder = tmp_path / "project"
    shutil.copytree(REPO / "inventories" / "lab", folder / "inventories" / "lab")
    (folder / "stacks").mkdir()
    (folder / "Pulumi.yaml").write_text(PROJECT)
    return folder


@pytest.fixture
def shell(project: Path) -> Shell:
    """Types ``bloomery site clone ...`` there, with a home and a state of its own."""

    def run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        home = str(project.parent / "home")
        return subprocess.run(
            [BLOOMERY, "site", "clone", *words],
            cwd=project,
            env={"PATH": path, "HOME": home, **env},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def state(project: Path) -> Path:
    return project.parent / "home" / ".local/state/bloomery"


def test_a_clone_has_inventory_state_and_stack_of_its_own(project: Path, shell: Shell) -> None:
    done = shell("lab", "lviv")
    assert done.returncode == 0, done.stderr
    assert "to complete: " in done.stdout and "4 rows in machines.csv" in done.stdout
    assert {"site.yaml", "machines.csv"} == tree(project / "inventories" / "lviv")
    secret = state(project) / "lviv" / "secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    stack = (project / "stacks" / "Pulumi.lviv.yaml").read_text()
    assert "ai-factory:site: lviv" in stack and "encryptionsalt: v1:" in stack
    assert (state(project) / "lviv/backend/.pulumi/stacks/ai-factory/lviv.json").is_file()


def test_every_refusal_at_once_and_nothing_written(project: Path, shell: Shell) -> None:
    (project / "inventories" / "lviv").mkdir()
    (project / "stacks" / "Pulumi.lviv.yaml").write_text("config: {}\n")
    (state(project) / "lviv").mkdir(parents=True)
    before = tree(project.parent)
    done = shell("lab", "lviv")
    assert done.returncode == 2
    told = [line.split(":0 ")[0] for line in done.stderr.splitlines()]
    stack = f"{project}/stacks/Pulumi.lviv.yaml"
    assert told == ["inventories/lviv", f"{state(project)}/lviv", stack]
    assert tree(project.parent) == before


@pytest.mark.parametrize("name", ["Lviv", "-x", "a/b", "..", "kyiv_1"])
def test_a_name_that_is_none_is_refused(project: Path, shell: Shell, name: str) -> None:
    before = tree(project.parent)
    done = shell("lab", "--", name)
    assert done.returncode == 2
    assert "is not a name" in done.stderr
    assert tree(project.parent) == before


def test_without_an_engine_nothing_is_left(project: Path, shell: Shell) -> None:
    """The stack is the last thing that can fail; what was made before goes again."""
    bin_dir = project.parent / "bin"
    bin_dir.mkdir()
    (bin_dir / "pulumi").write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    (bin_dir / "pulumi").chmod(0o755)
    (bin_dir / "python").symlink_to(sys.executable)
    before = tree(project.parent)
    code = (
        "import sys; sys.executable = sys.argv.pop(1); from bloomery.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(bin_dir / "python"), "site", "clone", "lab", "lviv"],
        cwd=project,
        env={"PATH": str(bin_dir), "HOME": str(project.parent / "home")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert "stack lviv: broken" in done.stderr
    # What was about to be written had been said by then.
    assert "writing inventories/lviv" in done.stdout
    assert f"state: {state(project)}/lviv" in done.stdout
    assert f"stack: {project}/stacks/Pulumi.lviv.yaml" in done.stdout
    assert not [path for path in tree(project.parent) - before if "lviv" in path]


def test_outside_a_project_there_is_no_stack(project: Path, shell: Shell, tmp_path: Path) -> None:
    (project / "Pulumi.yaml").unlink()
    done = shell("lab", "lviv", "--into", str(tmp_path / "other"))
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "other") == {"lviv", "lviv/site.yaml", "lviv/machines.csv"}
    assert not list((project / "stacks").iterdir())
    assert (state(project) / "lviv" / "secret").is_file()


def test_a_clone_is_named_to_fill_by_check(project: Path, shell: Shell) -> None:
    assert shell("lab", "lviv").returncode == 0
    done = subprocess.run(
        [BLOOMERY, "site", "check", "lviv"],
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert all(": not filled in" in line for line in done.stderr.splitlines())
    assert "inventories/lviv/site.yaml:5 location: not filled in" in done.stderr
