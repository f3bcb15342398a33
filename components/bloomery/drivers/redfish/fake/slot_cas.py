"""CAs that virtual media slots were given, and whether they verify by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509

from bloomery.drivers.redfish.fake.refusal import Refusal, missing
from bloomery.drivers.redfish.fake.state import Board

FIRMWARE = "Boot"
"""Stands for a slot where firmware itself reads: it has CAs of its own, and always verifies."""


@dataclass(frozen=True)
class Belief:
    """Whom a BMC believes when it reads the medium of one slot, or firmware does."""

    verifies: bool
    cas: str
    """PEM of the CAs, one after the other."""


class SlotCas:
    """The CAs of all slots of one BMC."""

    def __init__(self, board: Board, *, keeps: bool) -> None:
        self._board = board
        self.keeps = keeps
        """Whether slots have a place for CAs; firmware has one."""

    def firmware(self) -> Belief:
        """Whom firmware believes that starts from a URL."""
        return Belief(verifies=True, cas="".join(self.of(FIRMWARE)))

    def of(self, slot: str) -> Sequence[str]:
        """CAs of a slot, PEM; that at index 0 has the Id ``1``."""
        return self._board.state.media_cas.get(slot, [])

    def ca(self, slot: str, id_: str) -> str:
        """One of them. Raises Refusal (404)."""
        held = self.of(slot)
        if not id_.isdigit() or not 0 < int(id_) <= len(held):
            raise missing(f"VirtualMedia/{slot}/Certificates/{id_}")
        return held[int(id_) - 1]

    def add(self, slot: str, pem: str) -> str:
        """Take a CA; returns its Id. Raises Refusal (400 for anything else)."""
        try:
            given = x509.load_pem_x509_certificate(pem.encode())
            constraints = given.extensions.get_extension_for_class(x509.BasicConstraints)
        except (ValueError, x509.ExtensionNotFound):
            constraints = None
        if constraints is None or not constraints.value.ca:
            text = "CertificateString is no PEM certificate of a CA."
            raise Refusal(400, "PropertyValueFormatError", text, related="/CertificateString")
        self._board.state.media_cas.setdefault(slot, []).append(pem)
        self._board.changed()
        return str(len(self.of(slot)))

    def verifies(self, slot: str) -> bool:
        """Whether the slot verifies whom it reads from."""
        return not self.keeps or slot in self._board.state.media_verify

    def set_verify(self, slot: str, verify: bool) -> None:
        """Have a slot verify, or no longer."""
        others = [one for one in self._board.state.media_verify if one != slot]
        self._board.state.media_verify = [*others, slot] if verify else others
        self._board.changed()

    def belief(self, url: str) -> Belief | None:
        """Whom the slot that holds ``url`` believes; None for a BMC that believes what it came
        with."""
        if not self.keeps:
            return None
        held = self._board.state.media
        slot = next((name for name, medium in held.items() if medium == url), "")
        return Belief(slot in self._board.state.media_verify, "".join(self.of(slot)))

    def forget(self) -> None:
        """As after a factory reset."""
        self._board.state.media_cas.clear()
        self._board.state.media_verify.clear()
