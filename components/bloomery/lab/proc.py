"""Processes known by number and start time, so that a reused number is never hit."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One process of this machine."""

    pid: int
    start: int
    """Start time in clock ticks since boot, field 22 of ``/proc/PID/stat`` (proc(5))."""


def find(pid: int) -> Process | None:
    """The live process ``pid``; ``None`` for a dead one and for a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in ("Z", "X") else Process(pid, int(fields[19]))


def describe(pid: int) -> str:
    """``PID (name, state, where in the kernel)`` for a message; empty parts once it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        where = Path(f"/proc/{pid}/wchan").read_text(encoding="ascii", errors="replace")
    except (OSError, ProcessLookupError):
        return f"{pid} (gone)"
    name = text[text.index("(") + 1 : text.rindex(")")]
    return f"{pid} ({name}, {text.rpartition(')')[2].split()[0]}, {where})"


def myself() -> Process:
    """This process."""
    return _must(find(os.getpid()))


def _must(process: Process | None) -> Process:
    if process is None:
        raise ProcessLookupError("the calling process is not in /proc")
    return process


def from_json(value: dict[str, object] | None) -> Process | None:
    """Read what ``as_json`` wrote; ``None`` for anything else."""
    if value is None:
        return None
    pid, start = value.get("pid"), value.get("start")
    return Process(pid, start) if isinstance(pid, int) and isinstance(start, int) else None


def as_json(process: Process) -> dict[str, object]:
    """Plain values for a state file."""
    return {"pid": process.pid, "start": process.start}


def alive(process: Process | None) -> bool:
    """Whether exactly this process still runs."""
    return process is not None and find(process.pid) == process


def send(process: Process | None, number: signal.Signals) -> bool:
    """Signal exactly this process. Returns whether it was there.

    The handle is opened before the start time is compared, so the number cannot be
    reused in between (pidfd_open(2)).
    """
    if process is None:
        return False
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return False
    try:
        if not alive(process):
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True
