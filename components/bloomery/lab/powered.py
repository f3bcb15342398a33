"""What a lab hangs behind a BMC: a machine that outlives the daemon and can be made to fail."""

from __future__ import annotations

from typing import Protocol

from bloomery.drivers.redfish.machine import Machine
from bloomery.lab.faults import MachineFaults


class Powered(Machine, Protocol):
    """A machine from the power button inwards: firmware, disk and what runs."""

    faults: MachineFaults
    """Faults in force."""

    async def resume(self) -> None:
        """Go on with what the machine did when the daemon ended."""

    async def close(self) -> None:
        """The daemon ends; what can outlive it stays."""

    async def begin(self, fault: str) -> None:
        """A fault was set and is in ``faults``: let it act on what runs, where it can."""

    async def end(self, fault: str) -> None:
        """A fault was cleared: let that act on what runs, where it can."""
