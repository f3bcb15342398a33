"""One control group per host, so that everything on it can be found and killed at once.

Works with the unified hierarchy alone (cgroup v2) and with the hybrid layout, where
systemd tracks processes in a named v1 hierarchy beside it. Controllers are left
alone: the lab tracks, it does not limit.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bloomery.errors import LabError
from bloomery.lab import mounts, proc

KILL_SECONDS = 60.0
"""How long a killed group may take to empty. A dying process needs the processor to end:
milliseconds alone, more than ten seconds were seen at a load of ten per core."""

LOOK_SECONDS = 0.02
"""How often it is looked at meanwhile."""


def hierarchies(mountinfo: str | None = None) -> tuple[Path, ...]:
    """Mount points of the hierarchies that track processes.

    ``mountinfo`` is the text of ``/proc/self/mountinfo``; read when not given.
    """
    found: dict[str, Path] = {}
    for mount in mounts.table(mountinfo):
        if mount.kind == "cgroup2":
            found["unified"] = mount.place
        elif mount.kind == "cgroup" and "name=systemd" in mount.options:
            found["systemd"] = mount.place
    return tuple(found.values())


@dataclass(frozen=True)
class Cgroup:
    """One group, by its path below the root of each hierarchy."""

    name: str
    """For example ``bl1a2b3/lab-mgmt-01``."""
    roots: tuple[Path, ...]

    @classmethod
    def of(cls, name: str) -> Cgroup:
        """The group ``name``; need not exist. LabError where the machine has no hierarchy."""
        roots = hierarchies()
        if not roots:
            raise LabError("no control group hierarchy is mounted", subject="/sys/fs/cgroup")
        return cls(name, roots)

    def make(self) -> None:
        """Create it."""
        for place in self._places():
            place.mkdir(parents=True, exist_ok=True)

    def join(self) -> None:
        """Move this process into it."""
        self.make()
        for place in self._places():
            (place / "cgroup.procs").write_text(str(os.getpid()))

    def folders(self) -> list[str]:
        """Its folder in each hierarchy, for a process that joins it without this module."""
        return [str(place) for place in self._places()]

    def wrap(self) -> list[str]:
        """Beginning of a command line whose programme starts inside the group."""
        joins = "".join(f'echo $$ > "{folder}/cgroup.procs"; ' for folder in self.folders())
        return ["sh", "-c", f'{joins}exec "$@"', "sh"]

    def pids(self) -> set[int]:
        """Every live process in it and below.

        One that has ended but was not yet fetched by its parent is still listed by the
        v1 hierarchy; it runs no more and holds nothing.
        """
        found: set[int] = set()
        for place in self._places():
            for procs in place.rglob("cgroup.procs"):
                with contextlib.suppress(FileNotFoundError, OSError):
                    found.update(int(pid) for pid in procs.read_text().split())
        return {pid for pid in found if proc.find(pid) is not None}

    def kill(self) -> None:
        """SIGKILL every process in it and wait until none is left. LabError when some stay."""
        deadline = time.monotonic() + KILL_SECONDS
        while left := self.pids():
            self._kill_once(left)
            if time.monotonic() > deadline:
                told = ", ".join(proc.describe(pid) for pid in sorted(left))
                raise LabError(f"processes do not end: {told}", subject=self.name)
            time.sleep(LOOK_SECONDS)

    def _kill_once(self, pids: set[int]) -> None:
        """``cgroup.kill`` (Linux 5.14) hits forks as well; the loop of the caller is the rest."""
        for place in self._places():
            if (place / "cgroup.kill").exists():
                (place / "cgroup.kill").write_text("1")
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def remove(self) -> None:
        """Kill what is in it, then remove it and all below."""
        self.kill()
        for place in self._places():
            for folder in _deepest_first(place):
                _rmdir(folder)

    def exists(self) -> bool:
        """Whether it is there in any hierarchy."""
        return any(place.is_dir() for place in self._places())

    def _places(self) -> list[Path]:
        return [root / self.name for root in self.roots]


def _deepest_first(top: Path) -> Iterator[Path]:
    if top.is_dir():
        for folder, _, _ in os.walk(top, topdown=False):
            yield Path(folder)


def _rmdir(folder: Path) -> None:
    """A group whose last process was just reaped stays busy for a moment."""
    deadline = time.monotonic() + KILL_SECONDS
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise LabError(f"cannot be removed: {error}", subject=str(folder)) from error
            time.sleep(LOOK_SECONDS)
        else:
            return
