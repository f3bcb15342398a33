"""One whole process, imports included: its clock, its CPU time and its peak of memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.row import BenchError


@dataclass(frozen=True)
class Spent:
    """What one process took."""

    wall_s: float
    cpu_s: float
    peak_b: int
    """Most memory it had resident at once, bytes."""


def spent(
    command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Spent:
    """Run ``command`` to its end. BenchError with its last words where it fails."""
    begun = time.perf_counter()
    with subprocess.Popen(
        [str(word) for word in command],
        cwd=cwd,
        env=dict(env) if env is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None  # noqa: S101 - for the type checker: a pipe was asked for
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    if process.returncode:
        words = " / ".join(said.decode(errors="replace").split("\n")[-6:])
        raise BenchError(f"{Path(command[0]).name} ended with {process.returncode}: {words}")
    # Linux counts ru_maxrss in KiB (getrusage(2)).
    return Spent(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
