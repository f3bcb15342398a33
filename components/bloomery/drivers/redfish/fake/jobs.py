"""Tasks of what is accepted now and done later: media, resets, BIOS values.

Kept in memory alone: a BMC that restarts has forgotten them, and what they did is read back.
"""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.drivers.redfish.fake.refusal import missing
from bloomery.drivers.redfish.fake.state import Board

PREFIX = "J"
"""Start of their Ids; those of firmware updates are numbers."""


@dataclass
class Job:
    """One of them."""

    id: str
    name: str
    started: float
    """s since 1970."""
    ends: float
    """s since 1970."""
    for_reset: bool
    """Whether it waits for the system's reset instead."""
    over: bool = False


class Jobs:
    """The jobs of one BMC since it started."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._jobs: dict[str, Job] = {}

    def start(self, name: str, seconds: float = 0.0, *, for_reset: bool = False) -> Job:
        """Begin one that takes so long on metal, or waits for the system's reset."""
        now = self._board.clock()
        ends = now + seconds * self._board.time_factor
        job = Job(f"{PREFIX}{len(self._jobs) + 1}", name, now, ends, for_reset)
        self._jobs[job.id] = job
        return job

    def get(self, id_: str) -> Job:
        """One job. Raises Refusal (404)."""
        if id_ not in self._jobs:
            raise missing(f"/redfish/v1/TaskService/Tasks/{id_}")
        return self._jobs[id_]

    def ids(self) -> list[str]:
        """All of them, oldest first."""
        return list(self._jobs)

    def state(self, job: Job) -> str:
        """Redfish TaskState: Running, Pending (waits for a reset), Completed."""
        if job.for_reset:
            return "Completed" if job.over else "Pending"
        return "Completed" if self._board.clock() >= job.ends else "Running"

    def reset(self) -> None:
        """The system was reset."""
        for job in self._jobs.values():
            job.over = True
