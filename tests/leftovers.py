"""What a test run that was killed leaves behind: ended as soon as it is dead, or by the next.

Run as a programme it waits for its parent, a process that runs tests, and clears up below the
folder of that process. Where it was killed as well, ``clear_dead_runs`` does so before the
next run begins.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bloomery import lab
from bloomery.lab.layout import LabDir
from bloomery.statedir import ENV_STATE

PIDFD_READABLE = select.POLLIN
"""What poll says of a pidfd whose process has ended (pidfd_open(2))."""


def watch(folder: Path) -> None:
    """Clear up below ``folder`` when this process ends, however it does."""
    subprocess.Popen(
        [sys.executable, __file__, str(os.getpid()), str(folder)],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )


def clear_dead_runs(runs: Path) -> None:
    """Clear up after every run of pytest below ``runs`` whose process is no more."""
    for run in runs.glob("pytest-*"):
        lock = run / ".lock"
        if lock.exists() and not _lives(lock):  # a run that ends removes its own
            clear(run)
            lock.unlink(missing_ok=True)


def clear(folder: Path) -> None:
    """End the processes and take down the labs of all sites below ``folder``."""
    for pid in _processes(folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for state in _states_with_labs(folder):
        env = {**os.environ, ENV_STATE: str(state.parent)}
        lab.down(state.name, env, progress=lambda _: None)


def _lives(lock: Path) -> bool:
    """Whether the run that holds pytest's lock file, which names its process, goes on."""
    try:
        command = Path(f"/proc/{int(lock.read_text())}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False
    return b"pytest" in command


def _processes(folder: Path) -> Iterator[int]:
    """Engines, providers and emulators whose sites lie below ``folder``."""
    mine = f"{ENV_STATE}={folder}/".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            settings = (entry / "environ").read_bytes().split(b"\0")
            if any(setting.startswith(mine) for setting in settings):
                yield int(entry.name)


def _states_with_labs(folder: Path) -> Iterator[Path]:
    """State directories of sites that have a lab; no look into the disks of its machines."""
    for here, below, _ in os.walk(folder):
        place = LabDir(Path(here) / "lab")
        if place.spec.exists() or place.up_lock.exists():  # the lock alone: killed half-way
            below.clear()
            yield Path(here)


def _wait_for(pid: int) -> None:
    """Return when the process has ended; it is the parent, or has ended before this looked."""
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        if os.getppid() == pid:
            poll = select.poll()
            poll.register(handle, PIDFD_READABLE)
            poll.poll()


if __name__ == "__main__":
    _wait_for(int(sys.argv[1]))
    clear(Path(sys.argv[2]))
