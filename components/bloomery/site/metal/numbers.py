"""The number of a rack: what its addresses and its place in every list follow from.

It is written, or follows from the order in which the site declares its racks. A plain name like
``r16`` is a declaration too, as long as its number is free: halls have ``A01`` and ``B01``, and the
digits of such names say which rack of a row it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bloomery.names import MOST_DIGITS, plain_number

STRIDE = 256
"""Addresses set aside per rack number: more than the tallest rack has units, one octet to read."""

MOST = 10**MOST_DIGITS - 1
"""Highest number of a rack: with 256 addresses each, racks then take 2.6 million, a /10."""


class Declared(NamedTuple):
    """One entry of ``racks``: its names, and the number it writes for the first of them."""

    names: Sequence[str]
    number: int | None


class Numbered(NamedTuple):
    """One rack and its number."""

    entry: int
    """Which entry declares it, from 0."""
    name: str
    number: int


def numbered(declared: Iterable[Declared]) -> Iterator[Numbered]:
    """Every rack in the order it is declared.

    A written number counts on through a span. A plain name keeps its own number unless a rack
    before it has it; every other rack is one more than the highest before it. Two racks may come
    out with one number where it is written.
    """
    taken: set[int] = set()
    highest = 0
    for entry, (names, written) in enumerate(declared):
        for at, name in enumerate(names):
            own = plain_number(name) if written is None else written + at
            number = highest + 1 if own is None or (written is None and own in taken) else own
            taken.add(number)
            highest = max(highest, number)
            yield Numbered(entry, name, number)
