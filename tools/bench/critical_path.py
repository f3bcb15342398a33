"""How long an update must take at least, by what its machines take and by the budgets.

A machine goes through a head (identify to media), holds a place of the budget of installations
while it tests and installs itself, and goes through a tail (boot, reachable). With P places, given
in the order in which machines asked for them, the path ends at the latest end of a tail:

    start of machine i = max(head_i, the time at which the next of the P places is free)
    end of machine i   = start_i + place_i + tail_i

No machine is faster than its delays and no place is held by two: only the order is the product's
own. Nothing of its own work is in it, neither CPU time nor the time between two looks.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.sick_machines import Sickness
from bloomery.drivers.redfish.fake.personality import LabPersonality
from bloomery.lab.delays import Delays

POST_S = 120.0
"""Self-test on metal. Nobody publishes one; a BMC is away 112 to 120 s in most cases after its
restart (xCAT, issue 2693)."""

INSTALL_S = (60.0, 360.0)
"""Least and most of an installation on metal, in between by a triangle: what OpenStack Ironic gives
its fake hardware (``deploy_delay``)."""

START_S = 41.0
"""From disk to ssh, as a Debian of the lab with firmware of its own took."""


def metal(seed: int, name: str) -> Delays:
    """Delays of one machine on metal; of the same machine always the same."""
    low, high = INSTALL_S
    draw = random.Random(f"{seed}/{name}")  # noqa: S311 - repeatable, guards nothing
    return Delays(POST_S, draw.triangular(low, high), START_S)


def scaled(delays: Delays, scale: float) -> Delays:
    """The same, faster."""
    return Delays(delays.post * scale, delays.install * scale, delays.start * scale)


@dataclass(frozen=True)
class Way:
    """What one machine takes, s."""

    head: float
    place: float
    """For how long it holds a place; 0 where it never gets so far."""
    tail: float

    def times(self, scale: float) -> Way:
        """The same, faster."""
        return Way(self.head * scale, self.place * scale, self.tail * scale)


def way_of(
    delays: Delays, how: LabPersonality, kind: Sickness | None, limits: Mapping[str, float]
) -> Way:
    """The way of a machine on metal; ``limits`` are those of its phases."""
    head, place = how.media.seconds, delays.post + delays.install
    well = Way(head, place, delays.post + delays.start)
    if kind is None or kind.end == "ready":
        return well
    spent = limits.get(kind.waits, 0.0)
    if kind.end == "refused" or kind.phases[0] == "identify":
        return Way(spent, 0.0, 0.0)
    if kind.phases[0] == "media":
        return Way(spent, 0.0, 0.0)
    if kind.phases[0] == "install":
        return Way(head, spent, 0.0)
    if kind.power_lost:
        return Way(head, delays.post, spent)
    return Way(head, place, delays.post + spent)


def shortest(ways: Sequence[Way], places: int) -> float:
    """Seconds of the critical path of machines that ask for ``places`` places in this order."""
    free = [0.0] * places
    ends = 0.0
    for way in ways:
        begin = way.head
        if way.place:
            begin = max(way.head, heapq.heappop(free))
            heapq.heappush(free, begin + way.place)
        ends = max(ends, begin + way.place + way.tail)
    return ends


def least(ways: Sequence[Way], places: int) -> float:
    """What no order can beat: the longest machine, and all places' time shared evenly."""
    if not ways:
        return 0.0
    alone = max(way.head + way.place + way.tail for way in ways)
    placed = [way for way in ways if way.place]
    if not placed:
        return alone
    shared = sum(way.place for way in placed) / places
    return max(alone, min(way.head for way in placed) + shared + min(way.tail for way in placed))
