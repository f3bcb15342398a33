"""A BMC that is as its tree says; the base of those that are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bloomery.drivers.redfish.media import Slot
from bloomery.drivers.redfish.wire import Json

Call = tuple[str, Mapping[str, str]]
"""Path and body of a POST."""


@dataclass(frozen=True)
class Signs:
    """What a vendor is recognised by."""

    vendor: str
    """``Vendor`` of the service root."""
    manufacturer: str
    """``Manufacturer`` of the system."""
    bmc: str
    """``Model`` of the manager."""


@dataclass(frozen=True)
class Standard:
    """Corrections of what a tree declares; here, none."""

    kind: str = "standard"

    def recognises(self, signs: Signs) -> str:
        """What in ``signs`` says that this is such a BMC; empty where it is not."""
        return ""

    def slots(self, slots: Sequence[Slot]) -> Sequence[Slot]:
        """Those of the slots that really take URLs."""
        return slots

    def enables_media(self, manager: Json) -> Call | None:
        """What makes a BMC list its slots; None where it lists them by itself."""
        return None

    def disc_targets(self) -> tuple[str, ...]:
        """Names of the target that starts virtual media, best first; empty for the usual."""
        return ()

    def apply_time(self, offered: tuple[str, ...]) -> str:
        """ApplyTime to send with BIOS attributes."""
        return "OnReset" if "OnReset" in offered else ""

    def serials(self, system: Json, chassis: Json) -> Mapping[str, object]:
        """Further properties that hold the serial number of the label."""
        return {}

    def needs(self) -> tuple[str, ...]:
        """What must be done or given first, in words."""
        return ()
