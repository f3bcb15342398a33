"""What is inside a machine's case: a disk, and what runs from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bloomery.lab.faults import MachineFaults
from bloomery.lab.medium import Medium, Seed

Say = Callable[[str], None]
"""Writes one line to the machine's console."""


class Body(Protocol):
    """Disk and operating system of one machine, without firmware."""

    @property
    def dies_with_daemon(self) -> bool:
        """Whether what runs ends with the daemon and must be started again after it."""

    def bootable(self) -> bool:
        """Whether an installation was completed on the disk."""

    async def install(self, medium: Medium, seed: Seed, say: Say) -> None:
        """Wipe the disk, lay the image, write the seed. LabError when a step fails.

        Cancelling leaves a disk that does not boot.
        """

    async def boot(self, faults: MachineFaults) -> None:
        """Start the system on the disk; returns once it has started. LabError when it cannot."""

    async def shutdown(self) -> None:
        """Ask the system to switch itself off. Returns once asked."""

    async def cut(self) -> None:
        """Take the power away: what runs is gone at once, without a goodbye."""

    def running(self) -> bool:
        """Whether a system runs now."""

    def ready(self) -> bool:
        """Whether the running system has finished starting."""

    async def adopt(self) -> bool:
        """Take over a system that outlived the daemon. Returns whether there was one."""

    async def begin(self, fault: str, faults: MachineFaults) -> None:
        """A fault was set, ``faults`` are in force now: let it act on what runs, where it can."""

    async def end(self, fault: str, faults: MachineFaults) -> None:
        """A fault was cleared, ``faults`` are left: let that act on what runs, where it can."""

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back whenever ``running`` or ``ready`` changes by itself."""

    async def close(self) -> None:
        """The daemon ends; what can outlive it stays."""
