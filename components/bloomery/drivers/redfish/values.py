"""One form for what BMCs, labels and delivery lists write in many: MAC, UUID, serial, tag.

The only place where such values are normalised. An empty result means "says nothing".
"""

from __future__ import annotations

import re

MAC_DIGITS = 12
"""Hex digits of a MAC (EUI-48)."""

UUID_DIGITS = 32
"""Hex digits of a UUID (RFC 9562)."""

PLACEHOLDERS = (
    "none",
    "null",
    "n/a",
    "na",
    "unknown",
    "not specified",
    "not available",
    "default string",
    "system serial number",
    "chassis serial number",
    "to be filled by o.e.m.",
    "free form asset tag",
)
"""What firmware delivers where nobody wrote a value: seen on AMI, Insyde and NVIDIA boards."""

_COUNTED = re.compile(r"0?123456789\w*")
"""A counter in place of a value, as ``01234567890123456789AB``."""

_UNFILLED = re.compile(r"\$\w+")
"""The name of a variable that nobody replaced."""


def mac(text: object) -> str:
    """``aa:bb:cc:dd:ee:ff`` of any usual form; empty where it is none, or all zero or one."""
    digits = _hex(text)
    if len(digits) != MAC_DIGITS or digits in ("0" * MAC_DIGITS, "f" * MAC_DIGITS):
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, MAC_DIGITS, 2))


def uuid(text: object) -> str:
    """Lower case with dashes; empty where it is none, or all zero or all one."""
    digits = _hex(text)
    if len(digits) != UUID_DIGITS or digits in ("0" * UUID_DIGITS, "f" * UUID_DIGITS):
        return ""
    ends = (8, 12, 16, 20, 32)
    return "-".join(digits[a:b] for a, b in zip((0, *ends[:-1]), ends, strict=True))


def swapped(text: object) -> str:
    """A UUID with its first three fields in the other byte order; empty where it is none.

    SMBIOS 7.2.1 stores them little-endian; some firmware hands them over as they are stored.
    """
    digits = _hex(uuid(text))
    fields = (digits[0:8], digits[8:12], digits[12:16])
    turned = ("".join(re.findall("..", field)[::-1]) for field in fields)
    return uuid("".join((*turned, digits[16:])))


def serial(value: object) -> str:
    """Without blanks around it, in upper case; a JSON number is text; empty for a placeholder."""
    text = "" if value is None or isinstance(value, bool) else _plain(str(value))
    return "" if _says_nothing(text) else text.upper()


def tag(value: object) -> str:
    """An asset tag without its padding; empty for a placeholder."""
    text = _plain(value) if isinstance(value, str) else ""
    return "" if _says_nothing(text) else text


def _plain(text: str) -> str:
    return text.strip(" \t\r\n\0")


def _says_nothing(text: str) -> bool:
    worn = text.strip(" .-_0")
    blank = not worn or text.lower() in PLACEHOLDERS
    return blank or bool(_COUNTED.fullmatch(text) or _UNFILLED.fullmatch(text))


def _hex(text: object) -> str:
    if not isinstance(text, str):
        return ""
    plain = re.sub(r"[\s:.{}-]", "", text.strip()).lower()
    return plain if re.fullmatch(r"[0-9a-f]*", plain) else ""
