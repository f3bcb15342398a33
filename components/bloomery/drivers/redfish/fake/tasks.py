"""UpdateService and TaskService: firmware that is transferred, staged, then applied.

A task's state is worked out from the clock, so nothing runs in the background and a
restarted emulator goes on where it was.
"""

from __future__ import annotations

import re
from typing import get_args
from urllib.parse import urlparse

from bloomery.drivers.redfish.fake.refusal import Refusal, missing, not_in_list
from bloomery.drivers.redfish.fake.state import Board, FirmwareTarget, TaskState

TARGETS: tuple[FirmwareTarget, ...] = get_args(FirmwareTarget)
"""Members of the firmware inventory."""

FLASH_SECONDS = 120.0
"""Transfer and check of one image at time factor 1; minutes on real BMCs."""

STAGED_PERCENT = 90
"""Progress shown while an image waits for the reset that applies it."""

DONE = ("Completed", "Exception")
"""Task states that do not change any more."""

_VERSION = re.compile(r"(\d+(?:\.\d+)+)")


class Firmware:
    """Versions in force, and the updates asked for."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def version(self, target: str) -> str:
        """Version in force. Raises Refusal (404)."""
        if target not in TARGETS:
            raise missing(f"/redfish/v1/UpdateService/FirmwareInventory/{target}")
        return self._board.state.firmware[target]

    def update(self, image: str, target: str) -> TaskState:
        """Start an update (``SimpleUpdate``). Raises Refusal (400, 503 while one runs).

        The version is read from the image's name; the image itself is not fetched.
        """
        chosen = _target(target)
        if any(self.state(task) not in DONE for task in self.all() if task.target == chosen):
            raise Refusal(503, "ResourceInUse", f"An update of {chosen} is under way.")
        found = _VERSION.search(urlparse(image).path.rpartition("/")[2])
        task = TaskState(
            id=str(len(self.all()) + 1),
            target=chosen,
            image=image,
            version=found.group(1) if found else "",
            started=self._board.clock(),
            seconds=FLASH_SECONDS * self._board.time_factor,
            failure="" if found else f"{image} is not an image for this machine",
        )
        self._board.state.tasks.append(task)
        self._board.changed()
        return task

    def all(self) -> tuple[TaskState, ...]:
        """Every task, oldest first."""
        return tuple(self._board.state.tasks)

    def get(self, id_: str) -> TaskState:
        """One task. Raises Refusal (404)."""
        for task in self.all():
            if task.id == id_:
                return task
        raise missing(f"/redfish/v1/TaskService/Tasks/{id_}")

    def state(self, task: TaskState) -> str:
        """Redfish TaskState: New, Running, Pending (waits for a reset), Completed, Exception."""
        if task.applied:
            return "Completed"
        part = self._part(task)
        if part <= 0:
            return "New"
        if part < 1:
            return "Running"
        return "Exception" if task.failure else "Pending"

    def percent(self, task: TaskState) -> int:
        """Redfish PercentComplete."""
        return 100 if task.applied else int(STAGED_PERCENT * min(1.0, self._part(task)))

    def apply(self, target: str) -> bool:
        """Put a staged image in force, as a reset does. Returns whether there was one.

        A reset in the middle of the transfer ends the update.
        """
        changed = False
        for task in self.all():
            if task.target != target:
                continue
            if self.state(task) == "Pending":
                self._board.state.firmware[target] = task.version
                task.applied = self._board.clock()
                changed = True
            elif self.state(task) not in DONE and target == "BMC":
                task.failure = "the BMC was reset during the transfer"
                task.seconds = 0.0
        self._board.changed()
        return changed

    def _part(self, task: TaskState) -> float:
        elapsed = self._board.clock() - task.started
        return elapsed / task.seconds if task.seconds else 1.0


def _target(text: str) -> FirmwareTarget:
    for target in TARGETS:
        if text == target:
            return target
    raise not_in_list("Targets", text)
