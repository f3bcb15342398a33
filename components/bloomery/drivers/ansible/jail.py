"""A cgroup for all that one run starts, so that nothing can survive it.

Ansible's workers and ssh's connection masters leave the process group and the
session they were started in; only a cgroup still holds them. Without the right to
make one the worker kills what descends from it (it is a subreaper), and a jail has
no path.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from bloomery.drivers.ansible.workspace import owner_alive

PREFIX = "bloomery-run-"
_GONE_AFTER = 3.0
"""Seconds a killed process may take to leave its cgroup."""


@dataclass(frozen=True)
class Jail:
    """One cgroup, or nothing where the machine allows none."""

    path: Path | None

    @classmethod
    def make(cls, token: str) -> Jail:
        """A new, empty cgroup below this process's own."""
        for base in _own_groups():
            path = base / f"{PREFIX}{token}"
            try:
                path.mkdir()
            except OSError:
                continue
            return cls(path)
        return cls(None)

    def processes(self) -> list[int]:
        """Pids of everything inside, also in groups below."""
        if self.path is None:
            return []
        pids: list[int] = []
        for file in (self.path / "cgroup.procs", *self.path.rglob("*/cgroup.procs")):
            try:
                pids += [int(line) for line in file.read_text().split()]
            except OSError:
                continue
        return pids

    def kill(self) -> None:
        """Kill all inside and wait until it is empty, then remove the group."""
        if self.path is None:
            return
        limit = time.monotonic() + _GONE_AFTER
        while time.monotonic() < limit:
            for pid in self.processes():
                _kill(pid)
            try:
                # A process on its way out is listed no more and still keeps its group busy.
                self.path.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.01)
                continue
            return
        # What is left is swept at the next start.


def sweep() -> None:
    """Kill and remove every jail whose owner is gone."""
    for base in _own_groups():
        for path in base.glob(f"{PREFIX}*"):
            if not owner_alive(path.name.removeprefix(PREFIX)):
                Jail(path).kill()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _own_groups() -> list[Path]:
    """This process's cgroups, best first: version 2, then hierarchies of version 1."""
    mine = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            mine[name] = path
    found = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        kind, _, options = right.split(" ", 2)
        root, point = left.split()[3:5]
        for name in _hierarchies(kind, options):
            if name in mine and name not in found:
                found[name] = Path(point) / os.path.relpath(mine[name], root)
    order = ("", "pids", "name=systemd")
    return [found[name] for name in order if name in found and found[name].is_dir()]


def _hierarchies(kind: str, options: str) -> list[str]:
    if kind == "cgroup2":
        return [""]
    return options.split(",") if kind == "cgroup" else []
