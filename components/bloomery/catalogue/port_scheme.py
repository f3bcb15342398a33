"""How a system calls the ports of a switch: patterns, and the names that follow from them.

A scheme is data. A plan calls a port by what is printed on it (``p07``, ``p07/2``, ``mgmt``); the
patterns make a system's name of it, and the way back is derived from them: every port of a front
is named once, so that a name that two ports would have is found when the catalogue is read.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field

from bloomery.catalogue.figure import Entry

PLACES = frozenset({"cage", "cage0", "sub", "sub0", "letter", "lane", "port"})
"""What may stand in braces: number printed on the cage (or twisted-pair port) from 1 and from 0,
part of the cage from 1, from 0 and as a letter from ``a``, first lane counted over the whole switch
from 0, and logical port counted over the whole switch from 1."""

LETTERS = string.ascii_lowercase


def _listed(written: object) -> object:
    return (written,) if isinstance(written, str) else written


def _known(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        for _, place, form, conversion in string.Formatter().parse(pattern):
            if place is not None and (place not in PLACES or form or conversion):
                raise ValueError(f"{pattern!r}: in braces may stand {', '.join(sorted(PLACES))}")
    return patterns


Patterns = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_known)]
"""A pattern, or several: the name, then its aliases."""


class Front(NamedTuple):
    """The ports on the front of one switch."""

    access: int
    """Twisted-pair ports; cages are numbered behind them."""
    cages: int
    per_cage: int
    """Ports that each cage is split into."""


class PortPatterns(Entry):
    """Patterns by kind of port; a kind without one has no name."""

    cage: Patterns = ()
    """A cage that is one port."""
    sub: Patterns = ()
    """A part of a cage."""
    access: Patterns = ()
    """A twisted-pair port."""
    mgmt: str = ""
    """The management port."""
    splits: tuple[int, ...] = ()
    """Parts of a cage that ``sub`` holds for; left out: any number."""
    lanes: int = Field(default=0, ge=0)
    """Lanes of a cage, where ``{lane}`` counts them."""


class PortScheme(PortPatterns):
    """How one system calls every port of a switch."""

    source: str = Field(min_length=8)
    """Document that says so."""


@dataclass(frozen=True)
class PortNaming:
    """Names of all ports of one front, both ways."""

    names: Mapping[str, tuple[str, ...]]
    """Port as a plan calls it -> name and aliases; ports without a name are not in it."""
    ports: Mapping[str, str]
    """Name or alias in lower case -> port as a plan calls it."""
    unnamed: tuple[str, ...]
    """Ports without a name."""


@cache
def naming(patterns: PortPatterns, front: Front) -> PortNaming:
    """Names of all ports of ``front``. Raises ValueError where two ports would have one name."""
    names = {port: tuple(found) for port, found in _named(patterns, front)}
    ports: dict[str, str] = {}
    for port, found in names.items():
        for name in found:
            if ports.setdefault(name.lower(), port) != port:
                raise ValueError(f"{ports[name.lower()]} and {port} are both called {name!r}")
    named = {port: found for port, found in names.items() if found}
    return PortNaming(named, ports, tuple(port for port, found in names.items() if not found))


def _named(patterns: PortPatterns, front: Front) -> Iterator[tuple[str, Iterator[str]]]:
    yield "mgmt", iter((patterns.mgmt,) if patterns.mgmt else ())
    for number in range(1, front.access + 1):
        values = _values(number, 1, number - 1, number)
        yield f"p{number:02}", (it.format(**values) for it in patterns.access)
    for cage in range(front.cages):
        for sub in range(1, front.per_cage + 1):
            yield _part(patterns, front, cage, sub)


def _part(patterns: PortPatterns, front: Front, cage: int, sub: int) -> tuple[str, Iterator[str]]:
    """Part ``sub`` (from 1) of cage ``cage`` (from 0, behind the twisted-pair ports)."""
    number, split = front.access + cage + 1, front.per_cage
    first = front.access + cage * patterns.lanes + (sub - 1) * (patterns.lanes // split)
    values = _values(number, sub, first, front.access + cage * split + sub)
    if split == 1:
        return f"p{number:02}", (it.format(**values) for it in patterns.cage)
    holds = split in patterns.splits if patterns.splits else split <= len(LETTERS)
    found = patterns.sub if holds and not patterns.lanes % split else ()
    return f"p{number:02}/{sub}", (it.format(**values) for it in found)


def _values(number: int, sub: int, lane: int, port: int) -> Mapping[str, int | str]:
    return {
        "cage": number,
        "cage0": number - 1,
        "sub": sub,
        "sub0": sub - 1,
        "letter": LETTERS[(sub - 1) % len(LETTERS)],
        "lane": lane,
        "port": port,
    }
