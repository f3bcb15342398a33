"""What a name tells by itself: a host's without its domain, a plain rack's number, its order."""

from __future__ import annotations

import re

MOST_DIGITS = 4
"""Digits of a rack's number, and of a number that a span of racks counts."""

PLAIN = re.compile(rf"[a-z][a-z-]*(?P<number>[0-9]{{1,{MOST_DIGITS}}})")
"""A rack's name of small letters and one number at the end: ``r16`` is rack 16."""


SPLIT = re.compile(r"([^0-9]*)([0-9]*)")
"""A name's parts: what is no number, and the number after it."""


def plain_number(rack: str) -> int | None:
    """The number of a plain name; None of any other: the digits of ``A01`` and ``B01`` say which
    rack of a row it is."""
    found = PLAIN.fullmatch(rack)
    return int(found["number"]) if found else None


def short_name(host: str) -> str:
    """The host name without its domain: ``gpu-001`` of ``gpu-001.hall1.example.ua``."""
    return host.partition(".")[0]


def counted(name: str) -> tuple[tuple[str, int], ...]:
    """Key to sort names by, their numbers as numbers: ``row-9`` before ``row-10``."""
    return tuple((text, int(digits or -1)) for text, digits in SPLIT.findall(name))
