"""The commands a newcomer types, and what continuous integration runs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MakeProgram = Callable[[Path, str], Path]


def lines_of(target: str) -> list[str]:
    """What ``make`` would run."""
    command = ["make", "--dry-run", "--no-print-directory", target]
    clean = {
        key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL")
    }
    return subprocess.check_output(command, cwd=ROOT, text=True, env=clean).splitlines()


@pytest.mark.parametrize("target", ["up", "down", "test", "soak", "check", "bench", "docs"])
def test_every_target_sets_the_machine_up_first(target: str) -> None:
    first, *rest = lines_of(target)
    assert first == "tools/setup"
    assert rest


def test_help_names_every_target() -> None:
    said = subprocess.check_output(["make", "help"], cwd=ROOT, text=True)
    for target in ("up", "down", "test", "soak", "check", "bench", "docs"):
        assert f"make {target} " in said


@pytest.mark.parametrize(
    ("prints", "code", "ends", "last"),
    [
        ("7 passed in 1.00s", 0, 0, "7 passed in 1.00s"),
        ("1 failed, 6 passed in 1.00s", 2, 2, ""),
        ("no tests ran in 0.01s", 2, 2, ""),
        ("all is well", 0, 1, "no closing line from pytest: nothing ran"),
    ],
)
def test_ci_passes_on_what_pytest_said(
    tmp_path: Path, program: MakeProgram, prints: str, code: int, ends: int, last: str
) -> None:
    program(tmp_path / "make", f'[ "$CI" = true ] || exit 9\necho "{prints}"\nexit {code}')
    path = f"{tmp_path}:{os.environ['PATH']}"
    ended = subprocess.run(
        [str(ROOT / ".ci" / "run")],
        env={"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert ended.returncode == ends, ended.stdout
    assert ended.stdout.splitlines()[-1] == (last or prints)


def test_check_runs_everything_and_fails_when_one_part_does(
    tmp_path: Path, program: MakeProgram
) -> None:
    """One look shows all findings, so a failing part stops nothing after it."""
    check = program(tmp_path / "tools" / "check", "")
    check.write_text((ROOT / "tools" / "check").read_text())
    for name in ("ruff", "mypy", "lint-imports", "python"):
        program(tmp_path / ".venv" / "bin" / name, f"echo ran {name} $1; [ $1 != format ]")
    program(tmp_path / ".venv" / "bin" / "mypy", "echo ran mypy")
    ended = subprocess.run([str(check)], capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stdout.count("ran ruff") == 2
    assert "ran mypy" in ended.stdout and "ran lint-imports" in ended.stdout
    assert "ran python -m" in ended.stdout
    assert "--- failed: .venv/bin/ruff format" in ended.stderr
    program(tmp_path / ".venv" / "bin" / "ruff", "exit 0")
    assert subprocess.run([str(check)], capture_output=True).returncode == 0


def test_check_without_an_environment_says_what_to_do(tmp_path: Path, program: MakeProgram) -> None:
    check = program(tmp_path / "tools" / "check", "")
    check.write_text((ROOT / "tools" / "check").read_text())
    ended = subprocess.run([str(check)], capture_output=True, text=True)
    assert ended.returncode == 1
    assert ".venv is missing" in ended.stderr and "make setup" in ended.stderr
    assert ended.stdout == ""
