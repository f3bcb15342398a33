"""XClarity controllers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bloomery.drivers.redfish.media import Slot
from bloomery.drivers.redfish.vendors.standard import Signs, Standard

BY_URL = "ext"
"""Start of the Ids of slots that take a URL; RDOC holds uploads, Remote is a browser's."""


@dataclass(frozen=True)
class Lenovo(Standard):
    """Ten slots that look the same, four of which take URLs."""

    kind: str = "lenovo"

    def recognises(self, signs: Signs) -> str:
        """By the root or the system."""
        found = "Lenovo" in (signs.vendor, signs.manufacturer)
        return f"Vendor {signs.vendor!r}, Manufacturer {signs.manufacturer!r}" if found else ""

    def slots(self, slots: Sequence[Slot]) -> Sequence[Slot]:
        """Those called EXT, where there are such."""
        return [slot for slot in slots if slot.name.lower().startswith(BY_URL)] or slots
