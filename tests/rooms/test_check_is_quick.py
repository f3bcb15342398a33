"""Project rules start no programs that set up, build or boot."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMMANDS = (["true"], [sys.executable, "-m", "hatchling"], [sys.executable, "x.py"], ["make", "up"])


@pytest.mark.parametrize("command", COMMANDS)
def test_starting_a_program_fails_the_test(command: list[str]) -> None:
    with pytest.raises(AssertionError, match="tests/rooms starts no"):
        subprocess.run(command)


def test_git_may_be_asked() -> None:
    asked = subprocess.run(["git", "--version"], capture_output=True, text=True)
    assert asked.stdout.startswith("git version")
