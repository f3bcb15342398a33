"""Typing what the pages say leaves the developer's environment as it is."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from checkout import REPO, copy_to
from environment import BYTECODE, untouched

PACKAGES = Path("lib/python3.11/site-packages")
PATH_FILE = PACKAGES / "bloomery.pth"


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """An environment in a few files."""
    made = tmp_path / "venv"
    (made / PACKAGES / "bloomery-0.1.0.dist-info").mkdir(parents=True)
    (made / PATH_FILE).write_text("/here/components\n")
    (made / "bin").mkdir()
    (made / "bin" / "bloomery").write_text("#!/bin/sh\n")
    (made / "bin" / "pulumi").symlink_to("/cache/pulumi")
    return made


def _relink(venv: Path) -> None:
    (venv / "bin" / "pulumi").unlink()
    (venv / "bin" / "pulumi").symlink_to("/elsewhere/pulumi")


def _other_version(venv: Path) -> None:
    (venv / PACKAGES / "bloomery-0.1.0.dist-info").rename(venv / PACKAGES / "b-0.2.0.dist-info")


CHANGES: dict[str, Callable[[Path], object]] = {
    "bin/pulumi": _relink,
    str(PATH_FILE): lambda venv: (venv / PATH_FILE).write_text("/other/components\n"),
    str(PACKAGES / "bloomery-0.1.0.dist-info"): _other_version,
    "bin/bloomery": lambda venv: (venv / "bin" / "bloomery").write_text("#!/bin/sh\n"),
    "stamp": lambda venv: (venv / "stamp").write_text(""),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_environment_is_found(venv: Path, name: str) -> None:
    with pytest.raises(AssertionError, match=f"changed the environment.*{name}"), untouched(venv):
        CHANGES[name](venv)


def test_reading_and_bytecode_are_no_change(venv: Path) -> None:
    with untouched(venv):
        (venv / PATH_FILE).read_text()
        (venv / PACKAGES / BYTECODE).mkdir()


def leads_back(copy: Path) -> list[str]:
    """Files of a copy that name the checkout it was made from."""
    files = (path for path in copy.rglob("*") if path.is_file() and not path.is_symlink())
    return [path.name for path in files if str(REPO).encode() in path.read_bytes()]


def test_only_the_environment_of_a_copy_is_the_checkouts(tmp_path: Path) -> None:
    copy = copy_to(tmp_path / "copy")
    assert leads_back(copy) == []
    assert [path.name for path in copy.iterdir() if path.is_symlink()] == [".venv"]
    (copy / "tools" / "setup").write_text(f'exec "{REPO}/tools/setup"\n')
    assert leads_back(copy) == ["setup"]


def test_set_up_of_a_copy_makes_nothing(tmp_path: Path) -> None:
    """Where the environment is wanting it says so, and whose matter that is."""
    copy = copy_to(tmp_path / "copy")
    (copy / ".venv").unlink()
    ended = subprocess.run([str(copy / "tools" / "setup")], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "run make setup first" in ended.stdout
    assert not (copy / ".venv").exists()
