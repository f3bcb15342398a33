"""iDRAC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.drivers.redfish.vendors.standard import Signs, Standard
from bloomery.drivers.redfish.wire import Json


@dataclass(frozen=True)
class Dell(Standard):
    """The label shows the service tag, which is the SKU; BIOS values wait for ever without a time.

    Sources: netbox-sync issue 551 (service tag), terraform-provider-redfish issue 231 (BIOS).
    """

    kind: str = "dell"

    def recognises(self, signs: Signs) -> str:
        """By the root or the system."""
        found = signs.vendor == "Dell" or signs.manufacturer.startswith("Dell")
        return f"Vendor {signs.vendor!r}, Manufacturer {signs.manufacturer!r}" if found else ""

    def apply_time(self, offered: tuple[str, ...]) -> str:
        """Always, also where an older release does not list the times."""
        return "OnReset"

    def serials(self, system: Json, chassis: Json) -> Mapping[str, object]:
        """The service tag."""
        return {"the service tag": system.get("SKU") or chassis.get("SKU")}
