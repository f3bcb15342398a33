"""How a cable runs: its length from where both ends stand, its medium, its labels."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bloomery.catalogue import CableEnd, FabricKind, cable_kinds
from bloomery.plan.model import MediumPlan
from bloomery.site import Site
from bloomery.site.fabric.rows import row_number
from bloomery.site.fabric.sheet import Distances, FabricSheet, Medium
from bloomery.site.metal.numbers import STRIDE
from bloomery.site.metal.sheet import Rack

UNIT_M = 0.04445
"""Height of one rack unit, m (EIA-310)."""

MICROMETRES = 6
"""Decimals of a length, m: without, 14 m of tenths come to a little more, and to 15 m ordered."""

NO_RUN = (0.0, "")
"""Length and medium of a cable whose ends have no place."""


class Spot(NamedTuple):
    """One end of cables: a device and where it stands."""

    name: str
    rack: str
    unit: int
    label: str
    """Place and name as they are printed: ``r001-U40 compute-leaf-s01-r1``."""


def spot(name: str, rack: str, unit: int) -> Spot:
    """The device ``name`` at ``unit`` of ``rack``; no rack means it has no place yet."""
    return Spot(name, rack, unit, f"{rack}-U{unit:02} {name}" if rack else name)


@dataclass(frozen=True)
class Choice:
    """A kind of cable that may be chosen."""

    plan: MediumPlan
    lengths_m: tuple[float, ...]
    """Lengths it is sold in, m, ascending."""

    def order(self, needed_m: float) -> float:
        """Length to order for ``needed_m``; whole metres where it is made to length."""
        at = bisect_left(self.lengths_m, needed_m)
        return self.lengths_m[at] if at < len(self.lengths_m) else float(math.ceil(needed_m))

    def reaches(self, needed_m: float) -> bool:
        """Whether it works at the length to order for ``needed_m``."""
        return self.order(needed_m) <= self.plan.reach_m


@dataclass
class Runs:
    """Lengths and media of one site; remembers what it worked out, racks repeat."""

    distances: Distances | None
    racks: dict[str, Rack]
    media: tuple[Choice, ...]
    _metres: dict[tuple[str, str, int], float] = field(default_factory=dict)
    _fitting: dict[tuple[str, frozenset[CableEnd], float, float], tuple[Choice, ...]] = field(
        default_factory=dict
    )
    _used: set[str] = field(default_factory=set)

    def used(self) -> tuple[MediumPlan, ...]:
        """Media of all cables ordered so far, by key."""
        found = {it.plan.key: it.plan for it in self.media if it.plan.key in self._used}
        return tuple(found[key] for key in sorted(found))

    def metres(self, lower: Spot, upper: Spot) -> float:
        """Length a cable needs, m; 0 where a place is unknown."""
        one, other = lower.rack, upper.rack
        key = (one, other, abs(lower.unit - upper.unit) if one == other else 0)
        found = self._metres.get(key)
        if found is None:
            found = self._metres[key] = round(self._apart(*key), MICROMETRES)
        return found

    def _apart(self, one: str, other: str, units: int) -> float:
        distances, a, b = self.distances, self.racks.get(one), self.racks.get(other)
        if distances is None or a is None or b is None:
            return 0
        if one == other:
            return units * UNIT_M + distances.slack_in_rack_m
        if not (a.row and b.row and a.place and b.place):
            return 0
        hall = 0.0 if a.hall == b.hall else distances.hall_m
        if hall is None:
            return 0
        rows = abs(row_number(distances, a.row) - row_number(distances, b.row))
        across = abs(a.place - b.place) * distances.rack_pitch_m
        return hall + rows * distances.row_pitch_m + across + distances.slack_m

    def fitting(
        self, kind: FabricKind, ends: frozenset[CableEnd], speed_gbps: float, needed_m: float
    ) -> tuple[Choice, ...]:
        """Media that carry such links from every one of ``ends``, in the order they are taken.

        First those that reach, the shortest reach first. Then the others, the farthest first:
        where nothing reaches it is planned, and the rule on reach names the cable.
        """
        key = (kind, ends, speed_gbps, needed_m)
        found = self._fitting.get(key)
        if found is None:
            able = [
                it
                for it in self.media
                if kind in it.plan.kinds
                and ends <= {*it.plan.ends}
                and speed_gbps in it.plan.speeds_gbps
            ]
            reaching = [it for it in able if it.reaches(needed_m)]
            short = [it for it in reversed(able) if not it.reaches(needed_m)]
            found = self._fitting[key] = (*reaching, *short)
        return found

    def order(self, needed_m: float, chosen: Choice | None) -> tuple[float, str]:
        """Length to order and medium of a cable of ``needed_m``."""
        if chosen is None:
            return float(math.ceil(needed_m)), ""
        self._used.add(chosen.plan.key)
        return chosen.order(needed_m), chosen.plan.key


def runs(site: Site, sheet: FabricSheet) -> Runs:
    """Runs between the racks of ``site``."""
    return Runs(
        distances=sheet.distances,
        racks={rack.name: _in_hall(site, rack) for rack in site.racks},
        media=tuple(sorted(_media(sheet.media), key=lambda it: (it.plan.reach_m, it.plan.key))),
    )


def _in_hall(site: Site, rack: Rack) -> Rack:
    """The rack with its hall written: where there is one only, racks may leave it out."""
    if rack.hall or len(site.halls) != 1:
        return rack
    return rack.model_copy(update={"hall": site.halls[0].name})


def _media(own: Sequence[Medium]) -> list[Choice]:
    found = {
        kind.key: Choice(
            MediumPlan(
                key=kind.key,
                title=kind.title,
                kinds=kind.kinds,
                ends=kind.ends,
                speeds_gbps=kind.speeds_gbps,
                reach_m=kind.reach_m.value,
                source=kind.reach_m.source,
                copper=kind.copper,
                upper_ports=kind.upper_ports,
                lower_ports=kind.lower_ports,
            ),
            kind.lengths_m,
        )
        for kind in cable_kinds().values()
    }
    for medium in own:
        plan = MediumPlan(
            key=medium.name,
            title=medium.name,
            kinds=medium.kinds,
            ends=medium.ends,
            speeds_gbps=medium.speeds_gbps,
            reach_m=medium.reach_m,
            source="fabric.media of site.yaml",
            copper=medium.copper,
            upper_ports=medium.upper_ports,
            lower_ports=medium.lower_ports,
        )
        found[medium.name] = Choice(plan, tuple(sorted(medium.lengths_m)))
    return list(found.values())


def management_address(cidr_first: int, rack: int, unit: int) -> int:
    """Address out of band of a switch, as a number: rack number x 256 + 128 + unit.

    BMCs have theirs from the delivery list; by custom they lie below 128.
    """
    return cidr_first + rack * STRIDE + SWITCH_UNITS + unit


SWITCH_UNITS = 128
"""Addresses of a rack's block before those of its switches."""
