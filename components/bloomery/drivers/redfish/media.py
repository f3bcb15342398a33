"""Virtual media: which slot fits what, and how a medium gets in and out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish.answers import extended
from bloomery.drivers.redfish.boot import URI, Override
from bloomery.drivers.redfish.images import shows
from bloomery.drivers.redfish.protocol import HTTP_BOOT, MediaSlot, MediaWay
from bloomery.drivers.redfish.tree import link, members, part, text, texts
from bloomery.drivers.redfish.wire import Json, Resource, Wire
from bloomery.errors import SessionEnded

DISC = ("cd", "dvd")
"""MediaTypes, in lower case, of what a machine sees as an optical disc."""

STICK = "usbstick"

INSERT, EJECT = "#VirtualMedia.InsertMedia", "#VirtualMedia.EjectMedia"

NOTHING = ("", "none", "null")
"""How an empty slot may call its image."""

TRIES = 6
"""Forms of one insertion that are tried: one for each parameter that can be missing or unknown."""

MISSING = re.compile(r"Missing|Required", re.IGNORECASE)
"""MessageIds of DSP8011 that ask for a parameter; all others that name one do not know it."""

NAMING = ("Message", "MessageArgs", "RelatedProperties")
"""Where a message names the parameter it is about."""


@dataclass(frozen=True)
class Slot:
    """One virtual media slot as it was read."""

    resource: Resource

    @property
    def name(self) -> str:
        """Its Id."""
        return text(self.resource.body, "Id") or self.resource.path.rstrip("/").rpartition("/")[2]

    @property
    def types(self) -> frozenset[str]:
        """Media types in lower case; told by its name where the BMC tells none."""
        told = {one.lower() for one in texts(self.resource.body, "MediaTypes")}
        if told:
            return frozenset(told)
        name = f"{self.name} {text(self.resource.body, 'Name')}".lower()
        return frozenset({"cd"} if any(one in name for one in DISC) else {STICK})

    @property
    def way(self) -> MediaWay | None:
        """How a URL is given to it; None where it takes none."""
        if INSERT in part(self.resource.body, "Actions"):
            return "action"
        # A slot without any action is written to, as older ones are; one that can only be
        # ejected is fed by other means than URLs.
        bare = not part(self.resource.body, "Actions") and "Image" in self.resource.body
        return "patch" if bare else None

    @property
    def inserted(self) -> bool:
        """Whether a medium is in."""
        told = self.resource.body.get("Inserted")
        return told if isinstance(told, bool) else bool(self.image)

    @property
    def image(self) -> str:
        """The image as the BMC tells it: a URL, one without host, a name, or nothing."""
        for name in ("Image", "ImageName"):
            said = text(self.resource.body, name)
            if said.lower() not in NOTHING:
                return said
        return ""

    def holds(self, url: str) -> bool:
        """Whether the medium of ``url`` is in, as far as the BMC tells."""
        return self.inserted and shows(self.image, url)


@dataclass(frozen=True)
class HttpBoot(Slot):
    """What stands for a slot where there is none: the URL that firmware is to start from."""

    @classmethod
    def of(cls, override: Override) -> HttpBoot:
        """From a boot override that takes a URL."""
        boot = override.boot
        body = {"Id": URI, "MediaTypes": ["CD"], "Image": boot.get(URI)}
        return cls(Resource(override.where, {**body, "Certificates": boot.get("Certificates")}))

    @property
    def way(self) -> MediaWay:
        """How a URL is given to it."""
        return HTTP_BOOT


def read(wire: Wire, homes: Iterable[Resource]) -> list[Slot] | None:
    """Slots of the first home that lists some: system before manager, which is deprecated.

    None where no home has a collection at all.
    """
    found: list[Slot] | None = None
    trouble: Exception | None = None
    for home in homes:
        path = link(home.body, "VirtualMedia")
        if not path:
            continue
        try:
            found = [Slot(wire.get(one)) for one in members(wire, path)]
        except SessionEnded:
            raise
        except sushy_errors.HTTPError as error:
            trouble = error
            continue
        if found:
            return found
    if found is None and trouble is not None:
        raise trouble
    return found


def fitting(slots: Sequence[Slot]) -> Mapping[MediaSlot, Slot]:
    """What is inserted -> the slot that fits: by what slots declare, never by their order."""
    able = [slot for slot in slots if slot.way]
    disc = min((slot for slot in able if slot.types & set(DISC)), key=_for_disc, default=None)
    disc = disc or min((slot for slot in able if STICK in slot.types), key=_natural, default=None)
    if disc is None:
        return {}
    rest = [slot for slot in able if slot is not disc and slot.types & {*DISC, STICK}]
    seed = min(rest, key=_for_seed, default=None)
    return {"Cd": disc} if seed is None else {"Cd": disc, "Seed": seed}


def _for_disc(slot: Slot) -> tuple[int, list[tuple[str, int]]]:
    """A slot for discs alone before one that takes anything."""
    return len(slot.types - set(DISC)), _natural(slot)


def _for_seed(slot: Slot) -> tuple[bool, bool, list[tuple[str, int]]]:
    """The seed is a disc that may be read from a stick: best where both are taken."""
    return STICK not in slot.types, not slot.types & set(DISC), _natural(slot)


def _natural(slot: Slot) -> list[tuple[str, int]]:
    """Slots that declare the same, by name, with numbers in their order."""
    return [(word, int(digits or 0)) for word, digits in re.findall(r"(\D+)(\d*)", slot.name + "_")]


def insert(wire: Wire, slot: Slot, url: str) -> None:
    """Give the slot a URL: in the plainest form first, then as the BMC's refusals ask for."""
    if slot.way == HTTP_BOOT:
        wire.patch(slot.resource.path, {"Boot": {URI: url}})
        return
    body: dict[str, object] = {"Image": url, "Inserted": True, "WriteProtected": True}
    extra = _extras(url)
    for name in _named_by_action(wire, slot):
        body.setdefault(name, extra.get(name, body.get(name)))
    for _ in range(TRIES):
        try:
            _give(wire, slot, body)
            return
        except sushy_errors.BadRequestError as error:
            changed = _as_asked(body, extra, error)
            if changed is None:
                raise
            body = changed
    _give(wire, slot, body)


def eject(wire: Wire, slot: Slot) -> None:
    """Take the medium out."""
    if slot.way == HTTP_BOOT:
        _forget(wire, slot)
        return
    target = text(part(slot.resource.body, "Actions", EJECT), "target")
    if target:
        wire.post(target, {})
    else:
        wire.patch(slot.resource.path, {"Image": None, "Inserted": False})


def _forget(wire: Wire, slot: Slot) -> None:
    """Take a URL back: an empty text, or null where that is refused."""
    try:
        wire.patch(slot.resource.path, {"Boot": {URI: ""}})
    except sushy_errors.BadRequestError:
        wire.patch(slot.resource.path, {"Boot": {URI: None}})


def _give(wire: Wire, slot: Slot, body: Json) -> None:
    if slot.way == "action":
        wire.post(text(part(slot.resource.body, "Actions", INSERT), "target"), body)
    else:
        wire.patch(slot.resource.path, body)


def _extras(url: str) -> dict[str, object]:
    """Parameters that some BMCs need, with and without saying so."""
    protocol = urlsplit(url).scheme.upper()
    return {
        "TransferProtocolType": protocol,
        "TransferMethod": "Stream",
        "UserName": "",
        "Password": "",
    }


def _named_by_action(wire: Wire, slot: Slot) -> list[str]:
    """Parameters that the action's ActionInfo calls required."""
    info = text(part(slot.resource.body, "Actions", INSERT), "@Redfish.ActionInfo")
    if not info:
        return []
    try:
        listed = wire.get(info).body.get("Parameters")
    except sushy_errors.HTTPError:
        return []
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [str(one.get("Name")) for one in found if one.get("Required") is True]


def _as_asked(
    body: Json, extra: Mapping[str, object], error: sushy_errors.HTTPError
) -> dict[str, object] | None:
    """The request with what a refusal asks for, or without what it does not know."""
    for message in extended(error):
        said = " ".join(str(message.get(one)) for one in NAMING)
        wants = bool(MISSING.search(str(message.get("MessageId"))))
        for name, value in extra.items():
            if name in said and name not in body and wants:
                return {**body, name: value}
        for name in body:
            if name != "Image" and name in said and not wants:
                return {key: value for key, value in body.items() if key != name}
    return None
