"""Who starts, finds and ends the daemon."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import bloomery
from bloomery.errors import LabError
from bloomery.lab import control, proc
from bloomery.lab.cgroup import Cgroup, hierarchies
from bloomery.lab.files import read_json
from bloomery.lab.layout import FAILED, LabDir
from bloomery.lab.spec import LabSpec
from bloomery.statedir import StateDir

DAEMON = "_daemon"
"""Control group of the daemon, so that it is found even when its files are lost. No machine
has this name: names begin with a letter."""

START_SECONDS = 60.0
"""How long a daemon may take until it answers; hundreds of machines take some seconds."""

STOP_SECONDS = 15.0
"""How long a daemon may take to end; then it is killed, which it survives by design."""

PING_SECONDS = 5.0
"""A daemon that does not answer within this is taken for hung."""


def ensure_daemon(
    state: StateDir, cache: Path, spec: LabSpec, progress: Callable[[str], None]
) -> None:
    """Have a daemon that answers and serves exactly ``spec``. LabError when it cannot start."""
    lab = LabDir(state.lab)
    served = _served(lab)
    if served == spec.digest:
        progress(f"lab is up: {len(spec.machines)} machines")
        return
    end_daemon(lab, patience=STOP_SECONDS if served else 0.0)
    progress(f"starting {len(spec.machines)} BMCs")
    started = _start(state, cache, spec)
    _await(lab, spec, started)
    progress(f"lab is up: {len(spec.machines)} machines")


def end_daemon(lab: LabDir, patience: float = STOP_SECONDS) -> None:
    """End the daemon if there is one: asked first, killed after ``patience`` seconds."""
    process = proc.from_json(read_json(lab.daemon))
    if not proc.send(process, signal.SIGTERM):
        return
    deadline = time.monotonic() + patience
    while proc.alive(process):
        if time.monotonic() > deadline:
            proc.send(process, signal.SIGKILL)
        time.sleep(0.02)


def _served(lab: LabDir) -> str:
    """Digest of what a daemon that answers serves; empty where none does."""
    if not proc.alive(proc.from_json(read_json(lab.daemon))):
        return ""
    try:
        return str(control.ask(lab.path, "status", timeout=PING_SECONDS)["digest"])
    except LabError:
        return ""


def _start(state: StateDir, cache: Path, spec: LabSpec) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that it outlives this process and its terminal."""
    lab = LabDir(state.lab)
    home = Path(bloomery.__file__).parent.parent
    paths = [str(home), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "bloomery.lab.daemon", str(state.path), str(cache)]
    if os.geteuid() == 0 and hierarchies():
        group = Cgroup.of(f"{spec.id}/{DAEMON}")
        group.make()
        command = [*group.wrap(), *command]
    with lab.log.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment,
            start_new_session=True,
        )


def _await(lab: LabDir, spec: LabSpec, started: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while _served(lab) != spec.digest:
        if started.poll() is not None:
            raise LabError(_why(lab), subject="lab", next_step=f"read {lab.log}")
        if time.monotonic() > deadline:
            raise LabError(f"does not answer after {START_SECONDS:.0f} s", next_step=f"{lab.log}")
        time.sleep(0.05)


def _why(lab: LabDir) -> str:
    lines = lab.log.read_text(encoding="utf-8", errors="replace").splitlines()
    told = [line.removeprefix(FAILED) for line in lines if line.startswith(FAILED)]
    return told[-1] if told else (lines[-1] if lines else "ended without output")
