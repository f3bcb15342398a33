"""CPU time and peak of memory of running processes: what no clock of the parent tells.

A provider is the grandchild of whoever runs ``pulumi``, and is gone without a trace when that
ends: so the tree is looked at while it runs, and the last look at each process counts.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.5
"""Seconds between two looks: what a process does after the last one is not seen."""

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Used:
    """What one process took until it was last looked at."""

    cpu_s: float
    peak_b: int
    """Most memory it had resident at once, bytes (VmHWM of proc(5))."""


class Watch:
    """Watches one process and all its descendants from ``start`` to ``end``."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[str, Used]] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, root: int) -> None:
        """Begin with process ``root``."""
        self._thread = threading.Thread(target=self._look, args=(root,), daemon=True)
        self._thread.start()

    def end(self) -> dict[str, Used]:
        """What each part took, by its name."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        return summed(self._seen.values())

    def _look(self, root: int) -> None:
        while not self._stop.wait(EVERY):
            for pid in _tree(root):
                used = usage(pid)
                if used is not None:
                    self._seen[pid] = (_name(pid), used)


def summed(seen: Iterable[tuple[str, Used]]) -> dict[str, Used]:
    """Name -> CPU time of all processes called so, and the largest of their peaks."""
    found: dict[str, Used] = {}
    for name, used in seen:
        before = found.get(name, Used(0.0, 0))
        found[name] = Used(before.cpu_s + used.cpu_s, max(before.peak_b, used.peak_b))
    return found


def usage(pid: int) -> Used | None:
    """What a process took so far; None once it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    if not peaks:  # a zombie has no memory left to tell of
        return None
    return Used((int(fields[11]) + int(fields[12])) / TICKS, int(peaks[0]) * 1024)


def _tree(root: int) -> list[int]:
    """``root`` and its descendants that are there now."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                waiting += [int(child) for child in children.read_text().split()]
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def _name(pid: int) -> str:
    """``engine``, ``provider``, ``programme`` or ``language host`` of one update."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return "other"
    return part_of(words)


def part_of(words: Sequence[str]) -> str:
    """Which part of an update the process with this command line is."""
    first = Path(words[0]).name
    if first == "pulumi":
        return "engine"
    if first == "pulumi-language-python":
        return "language host"
    if first.startswith("python") and any("pulumi-language-python-exec" in word for word in words):
        return "programme"
    return "provider" if first.startswith("python") else "other"
