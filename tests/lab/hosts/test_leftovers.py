"""What killed test runs leave: labs and processes that hold addresses of the next run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import leftovers
import pytest
from kit import Bench

from bloomery.lab import proc
from bloomery.lab.files import read_json
from bloomery.lab.layout import LabDir
from bloomery.lab.spec import lab_id
from bloomery.lab.sweep import leftovers as kernel_objects
from bloomery.statedir import ENV_STATE

RUN = f"""
import sys, time
from pathlib import Path
sys.path[:0] = {[str(Path(leftovers.__file__).parent), str(Path(__file__).parent)]}
import leftovers
from kit import Bench
leftovers.watch(Path(sys.argv[1]))
bench = Bench.make(Path(sys.argv[1]) / "test", "hosts-killed", sys.argv[2], 1)
bench.up()
print("up", flush=True)
time.sleep(600)
"""
"""A test run in the middle of a test."""

NO_PROCESS = "4194305"
"""One above the largest pid_max there is (proc(5))."""


def daemon(bench: Bench) -> proc.Process:
    found = proc.from_json(read_json(LabDir(bench.state.lab).daemon))
    assert found
    return found


@pytest.mark.parametrize("kind", ["ghost", "guest"])
def test_labs_of_a_run_go_when_it_is_killed(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "run"
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder), kind], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout
    with run, run.stdout:
        assert run.stdout.readline() == "up\n"
        state = folder / "test/state/hosts-killed"
        assert kernel_objects(lab_id(state / "lab"), state / "lab")
        run.kill()
    end = time.monotonic() + 20
    while kernel_objects(lab_id(state / "lab"), state / "lab") or (state / "lab").exists():
        assert time.monotonic() < end, "left"
        time.sleep(0.05)


@pytest.fixture
def run_with_lab(tmp_path: Path) -> Iterator[tuple[Path, Bench]]:
    """Folder of a run of pytest, and a lab of one of its tests."""
    run = tmp_path / "runs/pytest-7"
    bench = Bench.make(run / "test", "hosts-left", "ghost", 1)
    bench.up()
    yield run, bench
    bench.down()


def test_a_dead_run_is_cleared_up_by_the_next(run_with_lab: tuple[Path, Bench]) -> None:
    run, bench = run_with_lab
    (run / ".lock").write_text(NO_PROCESS)
    emulator = daemon(bench)
    env = {**os.environ, ENV_STATE: str(bench.state.path.parent)}
    with subprocess.Popen(["sleep", "600"], env=env) as engine:
        leftovers.clear_dead_runs(run.parent)
        assert engine.wait(5) == -signal.SIGKILL
    assert not proc.alive(emulator)
    assert not bench.state.lab.exists()
    assert not (run / ".lock").exists(), "looked through once"


@pytest.mark.parametrize("lives", [True, False])
def test_a_run_that_lives_or_ended_by_itself_is_left_alone(
    run_with_lab: tuple[Path, Bench], lives: bool
) -> None:
    run, bench = run_with_lab
    if lives:
        ours = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
        (run / ".lock").write_text(str(ours))
    leftovers.clear_dead_runs(run.parent)
    assert proc.alive(daemon(bench))
