"""One machine as it is read within one call: each resource once, parents before children.

Some BMCs answer 404 to a child whose parent nobody has read since they started.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish import bios, boot, media, resets
from bloomery.drivers.redfish.protocol import HTTP_BOOT, MediaSlot, Personality
from bloomery.drivers.redfish.read_once import ReadOnce
from bloomery.drivers.redfish.tree import NO_SESSION, STOPS, Tree, part, text, texts
from bloomery.drivers.redfish.vendors import Call, Signs, Standard, recognise
from bloomery.drivers.redfish.wire import Resource, Wire
from bloomery.errors import DeviceError

T = TypeVar("T")


class View:
    """What the tree says now. Every property reads when it is first asked for."""

    def __init__(self, wire: Wire, tree: Tree) -> None:
        self._wire = wire
        self._tree = tree

    @ReadOnce
    def system(self) -> Resource:
        """The host."""
        return self._tree.system()

    @ReadOnce
    def manager(self) -> Resource | None:
        """Its BMC."""
        return self._tree.manager(self.system)

    @ReadOnce
    def chassis(self) -> list[Resource]:
        """What it is in, the innermost first."""
        return self._tree.chassis(self.system)

    @ReadOnce
    def vendor(self) -> tuple[Standard, str]:
        """The class that corrects the tree, and why it was taken."""
        manager = _or(lambda: self.manager, None)
        signs = Signs(
            vendor=text(self._tree.root, "Vendor"),
            manufacturer=text(self.system.body, "Manufacturer"),
            bmc=text(manager.body, "Model") if manager else "",
        )
        return recognise(signs)

    @ReadOnce
    def bios(self) -> bios.Bios | None:
        """Its BIOS."""
        return bios.read(self._wire, self.system)

    @ReadOnce
    def override(self) -> boot.Override:
        """Its boot override."""
        return boot.read(self._wire, self.system)

    @ReadOnce
    def slots(self) -> Mapping[MediaSlot, media.Slot] | None:
        """What is inserted -> what takes it; None where nothing ever does.

        A BMC without a slot that fits may let firmware start from a URL instead.
        """
        found = self._media
        if found or self.media_call is not None or not self.override.by_http:
            return found
        return {"Cd": media.HttpBoot.of(self.override)}

    @ReadOnce
    def _media(self) -> Mapping[MediaSlot, media.Slot] | None:
        """What is inserted -> the slot that fits; None where there are no virtual media at all."""
        found = self._known_slots()
        if found is None:
            homes = [self.system, *([self.manager] if self.manager else [])]
            found = media.read(self._wire, homes)
        if found is None:
            return None
        fitting = media.fitting(self.vendor[0].slots(found))
        self._tree.slots = tuple(slot.resource.path for slot in fitting.values())
        return fitting

    def _known_slots(self) -> list[media.Slot] | None:
        """The slots that fitted in this session: some BMCs list ten, and what fits stays. None
        where none is known, or one of them is not there any more."""
        try:
            return [media.Slot(self._wire.get(path)) for path in self._tree.slots] or None
        except sushy_errors.ResourceNotFoundError:
            return None

    @property
    def media_call(self) -> Call | None:
        """What makes the BMC list its slots; None where it lists some by itself."""
        manager = _or(lambda: self.manager, None)
        if manager is None or _or(lambda: self._media, None):
            return None
        return self.vendor[0].enables_media(manager.body)

    def boot_targets(self) -> dict[str, str]:
        """``Cd`` and ``Hdd`` -> name on this BMC, for the slot that the medium is in."""
        found = dict(self.override.targets)
        listed = texts(self.override.boot, f"{boot.TARGET}@Redfish.AllowableValues")
        disc = (_or(lambda: self.slots, None) or {}).get("Cd")
        if disc is not None and disc.way == HTTP_BOOT:
            return {**found, "Cd": boot.HTTP}
        for name in self.vendor[0].disc_targets():
            if name in listed:
                return {**found, "Cd": name}
        if disc is not None and not disc.types & set(media.DISC) and "Usb" in listed:
            return {**found, "Cd": "Usb"}
        return found

    def apply_time(self) -> str:
        """ApplyTime to send with BIOS attributes, or empty."""
        return self.vendor[0].apply_time(self.bios.apply_times) if self.bios else ""

    def personality(self) -> Personality:
        """How this BMC is spoken to."""
        vendor, why = self.vendor
        slots = _or(lambda: self.slots, None) or {}
        found = _or(lambda: self.bios, None)
        override = _or(lambda: self.override, boot.Override("", {}, {}))
        return Personality(
            kind=vendor.kind,
            why=why,
            slots={name: slot.resource.path for name, slot in slots.items()},
            insert={name: slot.way for name, slot in slots.items() if slot.way},
            boot_resource=override.where,
            boot_targets=_or(self.boot_targets, {}),
            bios_resource=found.where if found else "",
            apply_time=self.apply_time() if found else "",
            resets=resets.offered(self._wire, self.system, resets.SYSTEM_RESET),
            reset=resets.SYSTEM_RESET in part(self.system.body, "Actions"),
            enables_media=self.media_call is not None,
            needs=vendor.needs(),
        )


def _or(read: Callable[[], T], otherwise: T) -> T:
    """What is read, or ``otherwise`` where the BMC does not answer to it now."""
    try:
        return read()
    except STOPS:
        raise
    except (DeviceError, sushy_errors.HTTPError) as error:
        if getattr(error, "status_code", 0) == NO_SESSION:
            raise
        return otherwise
