"""The machine behind a BMC, as the fake BMC sees it.

The fake (``fake.py``) is a state machine without sockets; what its power button
switches is one of these. The lab hangs real hosts or in-process ghosts on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

Source = Literal["Cd", "Http", "Hdd"]
"""Installation medium that the BMC shows as a disc, one that firmware reads by itself, disk."""


@dataclass(frozen=True)
class BootOrder:
    """What the machine finds when it is switched on."""

    source: Source
    """An installation medium is for one time."""
    cd_url: str = field(default="", repr=False)
    """Where the medium is read; one that has the seed on it is secret."""
    seed_url: str = field(default="", repr=False)
    asset_tag: str = field(default="", repr=False)
    """What firmware shows of it to whatever runs on the machine; it may hold the key of a seed."""
    bios: tuple[tuple[str, str], ...] = ()
    """BIOS attributes in force, sorted by name."""


class Machine(Protocol):
    """Metal behind a BMC."""

    async def power_on(self, boot: BootOrder) -> None:
        """Switch on and return when the firmware has started. Raises LabError."""

    async def power_off(self, *, graceful: bool) -> None:
        """Switch off and return when off. Graceful asks the OS first."""

    def is_on(self) -> bool:
        """Whether it draws power now (also after a guest switched itself off)."""

    def boot_progress(self) -> str:
        """Redfish BootProgress.LastState: ``None``, ``OSBootStarted``, ``OSRunning``..."""

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back whenever ``is_on`` or ``boot_progress`` changes by itself."""
