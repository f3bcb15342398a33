"""MegaRAC, as on DGX H100 and Gigabyte boards."""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.drivers.redfish.tree import part, text
from bloomery.drivers.redfish.vendors.standard import Call, Signs, Standard
from bloomery.drivers.redfish.wire import Json

ACTION = "AMIVirtualMedia.EnableRMedia"
"""Action that switches remote media on; many releases have it without listing it."""


@dataclass(frozen=True)
class Ami(Standard):
    """No slot is listed until remote media is enabled."""

    kind: str = "ami"

    def recognises(self, signs: Signs) -> str:
        """By the root."""
        return f"Vendor {signs.vendor!r}" if signs.vendor == "AMI" else ""

    def enables_media(self, manager: Json) -> Call | None:
        """The vendor's action on the manager."""
        declared = text(part(manager, "Actions", "Oem", f"#{ACTION}"), "target")
        usual = f"{str(manager.get('@odata.id')).rstrip('/')}/Actions/Oem/{ACTION}"
        return declared or usual, {"RMediaState": "Enable"}

    def needs(self) -> tuple[str, ...]:
        """Remote media."""
        return ("remote media enabled before slots are listed",)
