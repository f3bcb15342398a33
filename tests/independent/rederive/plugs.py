"""What is plugged into every cage, derived cage by cage.

One plug a cage. Copper is one piece between one cage above and those below it; everything else
is a transceiver a cage, of one kind wherever fibres join cages.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from rederive.runs import Medium, Runs, Spot


class End(NamedTuple):
    """One end as it was derived."""

    spot: Spot
    port: str
    number: int
    cage: str = ""
    """Empty: the port is alone."""
    holds: int = 1
    """Ports in the cage."""

    @property
    def where(self) -> tuple[str, str]:
        return self.spot[0], self.cage or self.port


class Derived(NamedTuple):
    """One cable as it was derived."""

    layer: str
    a: End
    b: End
    addresses: tuple[str, str] = ("", "")
    dark: bool = False
    built: bool = True
    """Not: a switch of a later unit, whose cable will share a cage with one that is built."""


def plugged(
    derived: Sequence[Derived], runs: Runs, kind: str, speed: float
) -> list[tuple[float, str]]:
    """Length to order, m, and medium of each; (0, '') where a place is unknown."""
    metres = [runs.metres(it.a.spot, it.b.spot) for it in derived]
    found: list[tuple[float, str]] = [(0.0, "")] * len(derived)
    for together in _neighbourhoods(derived):
        placed = [at for at in together if metres[at]]
        if not placed:
            continue
        medium = _medium(
            [derived[at] for at in together], max(metres[at] for at in placed), runs, kind, speed
        )
        for at in placed:
            if medium is None:
                found[at] = float(math.ceil(metres[at])), ""
                continue
            length = max(metres[it] for it in placed) if medium.copper else metres[at]
            found[at] = float(medium.order(length)), medium.key
    return found


def _neighbourhoods(derived: Sequence[Derived]) -> Iterator[list[int]]:
    """Cables one comes to by going from cage to cage."""
    at_cage: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, it in enumerate(derived):
        for end in (it.a, it.b):
            at_cage[end.where].append(at)
    seen = [False] * len(derived)
    for start in range(len(derived)):
        if seen[start]:
            continue
        seen[start] = True
        reached = [start]
        for at in reached:
            for end in (derived[at].a, derived[at].b):
                for other in at_cage[end.where]:
                    if not seen[other]:
                        seen[other] = True
                        reached.append(other)
        yield sorted(reached)


def _medium(
    cables: Sequence[Derived], longest: Fraction, runs: Runs, kind: str, speed: float
) -> Medium | None:
    """The shortest reach that does; where none does, the farthest, for a rule to name."""
    ends = {"node" if it.layer in ("node-leaf", "oob") else "switch" for it in cables}
    able = [
        it
        for it in runs.media
        if kind in it.kinds
        and ends.issubset(it.ends)
        and speed in it.speeds
        and not (it.copper and _needs_more_than_one(it, cables))
    ]
    reaching = [it for it in able if it.order(longest) <= it.reach_m]
    return (reaching or able[-1:] or [None])[0]


def _needs_more_than_one(copper: Medium, cables: Sequence[Derived]) -> bool:
    above, below = {it.b.where for it in cables}, {it.a.where for it in cables}
    fits = all(
        (it.b.holds, it.a.holds) == (copper.upper_ports, copper.lower_ports) for it in cables
    )
    legs = copper.upper_ports // copper.lower_ports
    return not fits or len(above) > 1 or bool(above & below) or len(below) > legs
