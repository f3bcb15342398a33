"""What stands in the place of an identity: of the same form, the same everywhere, not to be undone.

Each value follows from the original by HMAC-SHA-256 under a key that is made for one recording and
thrown away: a MAC has few enough values that a plain hash would be guessed.
"""

from __future__ import annotations

import hmac
import string
from hashlib import sha256
from itertools import count

from bloomery.drivers.redfish import values

HEX = "0123456789abcdef"

LOCAL = "02"
"""First octet of a MAC that no vendor gave out (IEEE 802)."""

MAC_DIGITS, UUID_DIGITS = values.MAC_DIGITS, values.UUID_DIGITS


class Forms:
    """The replacements of one recording."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._addresses: dict[str, str] = {}

    def text(self, original: str) -> str:
        """Letters for letters, digits for digits, case and everything else kept."""
        for turn in count():
            made = self._text(original, turn)
            if made.lower() != original.lower() or not any(one.isalnum() for one in original):
                return made
        raise AssertionError  # count() does not end

    def number(self, original: int) -> int:
        """As many digits."""
        digits = self.text(str(abs(original)))
        lead = digits if digits[0] != "0" else f"1{digits[1:]}"
        return int(lead)

    def hex(self, original: str) -> str:
        """A MAC, UUID or GUID in any usual form: case and separators kept."""
        fresh = iter(self._hex("".join(one for one in original.lower() if one in HEX)))
        made = "".join(next(fresh) if one in HEX else one for one in original.lower())
        return made.upper() if original != original.lower() else made

    def ipv4(self, original: str) -> str:
        """An address of 198.18.0.0/15, kept for measurements (RFC 2544)."""
        number = self._number(original) + 1
        return f"198.{18 + (number >> 16 & 1)}.{number >> 8 & 255}.{number & 255}"

    def ipv6(self, original: str) -> str:
        """An address of 2001:db8::/32, kept for documentation (RFC 3849)."""
        return f"2001:db8::{self._number(original) + 1:x}"

    def _number(self, original: str) -> int:
        self._addresses.setdefault(original.lower(), str(len(self._addresses)))
        return int(self._addresses[original.lower()])

    def _hex(self, plain: str) -> str:
        if len(plain) == MAC_DIGITS:
            return LOCAL + self._stream(plain, HEX, len(plain) - len(LOCAL))
        if len(plain) != UUID_DIGITS:
            return self._stream(plain, HEX, len(plain))
        # Both byte orders of a UUID are one identity, also where a tree has both.
        turned = values.swapped(plain).replace("-", "") or plain
        made = self._stream(min(plain, turned), HEX, UUID_DIGITS)
        return made if plain <= turned else values.swapped(made).replace("-", "")

    def _text(self, original: str, turn: int) -> str:
        seed = f"{turn}|{original.lower()}" if turn else original.lower()
        digits = iter(self._stream(f"digits {seed}", string.digits, len(original)))
        letters = iter(self._stream(f"letters {seed}", string.ascii_lowercase, len(original)))
        made = []
        for one in original:
            fresh = next(digits) if one.isdigit() else next(letters) if one.isalpha() else one
            made.append(_cased(fresh, one))
        return "".join(made)

    def _stream(self, seed: str, alphabet: str, length: int) -> str:
        made = b""
        for block in count():
            if len(made) >= length:
                break
            made += hmac.new(self._key, f"{block}\0{seed}".encode(), sha256).digest()
        return "".join(alphabet[one % len(alphabet)] for one in made[:length])


def _cased(fresh: str, like: str) -> str:
    return fresh.upper() if like.isupper() else fresh
