"""How far a cable runs, what it is made of, and what its labels say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from rederive.reading import RackEntry, Tree, catalogue, exact, racks, row_number

UNIT_M = Fraction("0.04445")
"""Height of a rack unit, EIA-310."""

Spot = tuple[str, str, int]
"""Device, rack and lowest unit; no rack: it has no place."""


@dataclass(frozen=True)
class Medium:
    """One kind of cable that may be chosen."""

    key: str
    kinds: tuple[str, ...]
    ends: tuple[str, ...]
    speeds: tuple[float, ...]
    reach_m: Fraction
    lengths_m: tuple[Fraction, ...]
    copper: bool
    upper_ports: int
    lower_ports: int

    def order(self, needed: Fraction) -> Fraction:
        long_enough = [it for it in self.lengths_m if it >= needed]
        return min(long_enough, default=Fraction(math.ceil(needed)))


class Runs:
    """Lengths and media of one site."""

    def __init__(self, sheet: Tree) -> None:
        fabric = sheet.get("fabric", {})
        self._distances: Tree = fabric.get("distances", {})
        self._racks: Mapping[str, RackEntry] = racks(sheet)
        halls = sheet.get("halls", [])
        self._hall = halls[0]["name"] if len(halls) == 1 else ""
        self.media = _media(fabric.get("media", ()))

    def metres(self, one: Spot, other: Spot) -> Fraction:
        """Metres a cable needs; 0 where a place is unknown."""
        written, a, b = self._distances, self._racks.get(one[1]), self._racks.get(other[1])
        if not written or a is None or b is None:
            return Fraction(0)
        if a is b:
            return abs(one[2] - other[2]) * UNIT_M + exact(written.get("slack_in_rack_m", "0.5"))
        if not (a.row and b.row and a.place and b.place):
            return Fraction(0)
        metres = exact(written.get("slack_m", "2"))
        metres += abs(a.place - b.place) * exact(written["rack_pitch_m"])
        metres += abs(row_number(written, a.row) - row_number(written, b.row)) * exact(
            written["row_pitch_m"]
        )
        if a.entry.get("hall", self._hall) != b.entry.get("hall", self._hall):
            metres += exact(written["hall_m"])
        return metres


def _media(own: object) -> list[Medium]:
    found = {
        key: _medium(key, it, it["reach_m"]["value"]) for key, it in catalogue("cables").items()
    }
    for it in own:  # type: ignore[attr-defined]
        found[it["name"]] = _medium(it["name"], it, it["reach_m"])
    return sorted(found.values(), key=lambda it: (it.reach_m, it.key))


def _medium(key: str, entry: Tree, reach: str) -> Medium:
    return Medium(
        key,
        tuple(entry["kinds"]),
        tuple(entry.get("ends", ("node", "switch"))),
        tuple(float(it) for it in entry["speeds_gbps"]),
        exact(reach),
        tuple(sorted(exact(it) for it in entry.get("lengths_m", ()))),
        str(entry.get("copper", "false")) == "true",
        int(entry.get("upper_ports", 1)),
        int(entry.get("lower_ports", 1)),
    )


def label(near: Spot, near_port: str, far: Spot, far_port: str) -> str:
    """What is printed at the near end."""
    return f"{_printed(near)} {near_port} > {_printed(far)} {far_port}"


def _printed(spot: Spot) -> str:
    return f"{spot[1]}-U{spot[2]:02} {spot[0]}" if spot[1] else spot[0]
