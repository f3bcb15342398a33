"""Virtual media: slots that hold a URL each."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlparse

from bloomery.drivers.redfish.fake.personality import Media, Slot
from bloomery.drivers.redfish.fake.refusal import Refusal, missing
from bloomery.drivers.redfish.fake.slot_cas import SlotCas
from bloomery.drivers.redfish.fake.state import Board

SLOTS = ("Cd", "Seed")
"""Slots of the plain BMC: the installation medium, and the node's first-boot data."""


class VirtualMedia:
    """The slots of one BMC. The firmware fetches the URL when the machine boots."""

    def __init__(self, board: Board, media: Media | None = None) -> None:
        self._board = board
        self._media = media or Media()
        self.cas = SlotCas(board, keeps=self._media.keeps_cas)
        """What the slots believe."""

    def slots(self) -> tuple[Slot, ...]:
        """The slots that are listed now."""
        hidden = self._media.enable and not self._board.state.media_enabled
        return () if hidden else self._media.slots

    def slot(self, slot: str) -> Slot:
        """One slot. Raises Refusal (404)."""
        found = next((one for one in self.slots() if one.id == slot), None)
        if found is None:
            raise missing(f"VirtualMedia/{slot}")
        return found

    def enable(self) -> None:
        """List the slots from now on. Raises Refusal (404) where they always are."""
        if not self._media.enable:
            raise missing("EnableRMedia")
        self._board.state.media_enabled = True
        self._board.changed()

    def url(self, slot: str) -> str:
        """URL in a slot, empty when nothing is inserted. Raises Refusal (404)."""
        return self._board.state.media.get(self.slot(slot).id, "")

    def shown(self, slot: str) -> str:
        """URL of a medium that shows, which some do seconds after they were accepted."""
        late = self._board.state.media_from.get(slot, 0.0) > self._board.clock()
        return "" if late else self.url(slot)

    def insert(self, slot: str, url: str, given: Collection[str] = ()) -> None:
        """Insert by URL; ``given`` are the names of the parameters beside it.

        Raises Refusal (409 when occupied, 400 for a URL it cannot fetch or what is lacking).
        """
        if self.url(slot):
            text = f"Virtual media {slot} holds a medium already."
            raise Refusal(409, "ResourceInUse", text)
        for name in self._media.needs:
            if name not in given:
                text = f"The action needs the parameter {name}."
                raise Refusal(400, "ActionParameterMissing", text, related=f"/{name}")
        parts = urlparse(url)
        if parts.scheme not in self._media.schemes or not parts.hostname:
            text = "The value of the property Image is not a URL this service fetches."
            raise Refusal(400, "PropertyValueFormatError", text, related="/Image")
        self._board.state.media[slot] = url
        if self._media.seconds:
            due = self._board.clock() + self._media.seconds * self._board.time_factor
            self._board.state.media_from[slot] = due
        self._board.changed()

    def eject(self, slot: str) -> None:
        """Eject; an empty slot stays empty. Raises Refusal (404)."""
        if self.url(slot):
            del self._board.state.media[slot]
            self._board.state.media_from.pop(slot, None)
            self._board.changed()

    def eject_all(self) -> None:
        """Empty every slot, as a factory reset does."""
        self._board.state.media.clear()
        self._board.state.media_from.clear()
        self.cas.forget()

    def disc_and_other(self) -> tuple[str, str]:
        """URLs the machine finds: of the first disc by name, and of another medium.

        Firmware takes drives in an order of its own, whatever order the BMC lists them in, and
        finds no medium that does not show yet.
        """
        held = sorted((one for one in self.slots() if self.shown(one.id)), key=lambda one: one.id)
        disc = next((one for one in held if one.disc), None)
        other = next((one for one in held if one is not disc), None)
        return (self.url(disc.id) if disc else "", self.url(other.id) if other else "")
