"""Virtual media: two slots that hold a URL each."""

from __future__ import annotations

from urllib.parse import urlparse

from bloomery.drivers.redfish.fake.refusal import Refusal, missing
from bloomery.drivers.redfish.fake.state import Board

SLOTS = ("Cd", "Seed")
"""The installation medium, and the node's first-boot data."""


class VirtualMedia:
    """The slots of one BMC. The firmware fetches the URL when the machine boots."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def url(self, slot: str) -> str:
        """URL in a slot, empty when nothing is inserted. Raises Refusal (404)."""
        if slot not in SLOTS:
            raise missing(f"/redfish/v1/Managers/1/VirtualMedia/{slot}")
        return self._board.state.media.get(slot, "")

    def insert(self, slot: str, url: str) -> None:
        """Insert by URL. Raises Refusal (409 when occupied, 400 for a URL it cannot fetch)."""
        if self.url(slot):
            text = f"Virtual media {slot} holds a medium already."
            raise Refusal(409, "ResourceInUse", text)
        parts = urlparse(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            text = "The value of the property Image is not a URL this service fetches."
            raise Refusal(400, "PropertyValueFormatError", text, related="/Image")
        self._board.state.media[slot] = url
        self._board.changed()

    def eject(self, slot: str) -> None:
        """Eject; an empty slot stays empty. Raises Refusal (404)."""
        if self.url(slot):
            del self._board.state.media[slot]
            self._board.changed()

    def eject_all(self) -> None:
        """Empty every slot, as a factory reset does."""
        self._board.state.media.clear()
