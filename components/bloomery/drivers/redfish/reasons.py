"""Why a personality is as it is: what each part was taken for, and by what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish import boot, media, resets, roots
from bloomery.drivers.redfish.protocol import HTTP_BOOT, MediaSlot
from bloomery.drivers.redfish.tree import NO_SESSION, STOPS, link, part, text, texts
from bloomery.drivers.redfish.view import View
from bloomery.drivers.redfish.wire import Wire, same_path
from bloomery.errors import DeviceError

SETTINGS = ("@Redfish.Settings", "SettingsObject")

PROTOCOLS = "TransferProtocolType@Redfish.AllowableValues"
"""Parameter of InsertMedia with the protocols that a BMC fetches media by."""


@dataclass(frozen=True)
class Taken:
    """One part of a machine or of how it is spoken to."""

    part: str
    taken: str
    """A path, a name or a value; empty where there is none."""
    why: str


def taken(wire: Wire, view: View, chosen: Mapping[str, str]) -> tuple[Taken, ...]:
    """Every part; ``chosen`` is what system and manager were chosen by."""
    readers: Mapping[str, Iterator[Taken]] = {
        "BMC": _places(view, chosen),
        "class": _vendor(view),
        "medium": _media(wire, view),
        "boot override": _boot(view),
        "BIOS": _bios(view),
        "resets": _resets(wire, view),
    }
    return tuple(one for name, read in readers.items() for one in _each(name, read))


def _each(name: str, read: Iterator[Taken]) -> list[Taken]:
    """What a reader finds, up to where the BMC does not answer."""
    found: list[Taken] = []
    try:
        found.extend(read)
    except STOPS:
        raise
    except (DeviceError, sushy_errors.HTTPError) as error:
        if getattr(error, "status_code", 0) == NO_SESSION:
            raise
        said = error.reason if isinstance(error, DeviceError) else error
        found.append(Taken(name, "", f"unreadable now: {said}"))
    return found


def _places(view: View, chosen: Mapping[str, str]) -> Iterator[Taken]:
    yield Taken("system", view.system.path, chosen.get("system", ""))
    manager = view.manager
    yield Taken("BMC", manager.path if manager else "", chosen.get("manager", ""))
    inner = view.chassis
    why = "the system is in it" if inner else "the tree names none"
    if len(inner) > 1:
        why += f"; {', '.join(_last(one.path) for one in inner[1:])} around it"
    yield Taken("chassis", inner[0].path if inner else "", why)


def _vendor(view: View) -> Iterator[Taken]:
    vendor, why = view.vendor
    yield Taken("class", vendor.kind, why)
    for need in vendor.needs():
        yield Taken("needs", need, f"class {vendor.kind}")


def _media(wire: Wire, view: View) -> Iterator[Taken]:
    slots = view.slots
    if slots is None:
        yield Taken("medium", "", "the BMC has no virtual media")
        return
    disc = slots.get("Cd")
    if disc is not None and disc.way == HTTP_BOOT:
        why = f"UEFI HTTP boot: no slot takes a URL, and {boot.HTTP} with {boot.URI} is offered"
        yield Taken("medium", disc.resource.path, why)
        yield _cas(disc)
        return
    every = media.read(wire, [one for one in (view.system, view.manager) if one]) or []
    able = sum(slot.way is not None for slot in view.vendor[0].slots(every))
    count = f"{able} of {len(every)} slots take a URL"
    for name in ("Cd", "Seed"):
        yield _slot(name, slots.get(name), count)
    if disc is not None:
        told = texts(part(disc.resource.body, "Actions", media.INSERT), PROTOCOLS)
        why = "offered by its InsertMedia" if told else "the slot does not tell"
        yield Taken("protocols", ", ".join(told), why)
        yield _cas(disc)


def _cas(slot: media.Slot) -> Taken:
    place = roots.store(slot)
    why = "it keeps CAs" if place else "it has no place for a CA"
    return Taken("CAs of media", place, f"{why}; {roots.told(slot)}")


def _slot(name: MediaSlot, slot: media.Slot | None, count: str) -> Taken:
    label = "installer" if name == "Cd" else "seed"
    if slot is None:
        return Taken(f"{label} slot", "", f"none fits; {count}")
    declared = texts(slot.resource.body, "MediaTypes")
    told = f"media types {', '.join(declared)}" if declared else "by its name, no media types told"
    way = "its InsertMedia" if slot.way == "action" else "PATCH of Image"
    return Taken(f"{label} slot", slot.resource.path, f"{told}; by {way}; {count}")


def _boot(view: View) -> Iterator[Taken]:
    override = view.override
    if not override.where:
        yield Taken("boot override", "", f"the BMC tells no {boot.TARGET}")
        return
    own = same_path(override.where, view.system.path)
    why = "the system itself" if own else "the Settings resource of the system"
    yield Taken("boot override", override.where, f"{why} holds {boot.TARGET}")
    listed = texts(override.boot, f"{boot.TARGET}@Redfish.AllowableValues")
    targets = view.boot_targets()
    for name in boot.NAMES:
        yield Taken(f"boot from {name}", targets.get(name, ""), _target(view, name, listed))


def _target(view: View, name: str, listed: tuple[str, ...]) -> str:
    own = view.override.targets.get(name, "")
    now = view.boot_targets().get(name, "")
    if now and now == boot.HTTP:
        return "firmware starts from a URL here"
    if now and now != own:
        special = now in view.vendor[0].disc_targets()
        return f"class {view.vendor[0].kind}" if special else "the medium is a USB stick here"
    if not listed:
        return "the BMC lists no targets: the standard's name"
    return "offered" if now else f"not among {', '.join(listed)}"


def _bios(view: View) -> Iterator[Taken]:
    found = view.bios
    if found is None:
        yield Taken("BIOS", "", "the system links to no Bios")
        return
    named = same_path(link(view.system.body, "Bios"), found.where)
    why = "the Bios itself: it names no Settings resource" if named else "its Settings resource"
    yield Taken("BIOS", found.where, why)
    times = ", ".join(found.apply_times)
    time = view.apply_time()
    why = f"offered: {times}" if times else "no times are offered"
    if time and time not in found.apply_times:
        why = f"class {view.vendor[0].kind}; {why}"
    yield Taken("apply time", time, why)


def _resets(wire: Wire, view: View) -> Iterator[Taken]:
    action = part(view.system.body, "Actions", resets.SYSTEM_RESET)
    kinds = resets.offered(wire, view.system, resets.SYSTEM_RESET)
    why = "listed with the action"
    if not texts(action, "ResetType@Redfish.AllowableValues"):
        info = text(action, "@Redfish.ActionInfo")
        why = "listed by its ActionInfo" if kinds and info else "the BMC lists no types"
    if not action:
        why = "the system has no reset"
    yield Taken("resets", ", ".join(kinds), why)


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
