"""Supermicro's own BMC; its boards with OpenBMC are as their trees say."""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.drivers.redfish.vendors.standard import Signs, Standard


@dataclass(frozen=True)
class Supermicro(Standard):
    """Virtual media is a USB CD; the target Cd is a drive that is not there."""

    kind: str = "supermicro"

    def recognises(self, signs: Signs) -> str:
        """By the system, unless its BMC is an OpenBMC."""
        found = signs.manufacturer.lower() == "supermicro" and signs.bmc.lower() != "openbmc"
        return f"Manufacturer {signs.manufacturer!r}, BMC {signs.bmc!r}" if found else ""

    def disc_targets(self) -> tuple[str, ...]:
        """The USB CD first, then whatever older boards call it."""
        return ("UsbCd", "UefiCd", "Cd")
