"""Who feeds whom: the circuits of each rack, and the loads of the tree above them.

Everything is worked out once for normal running and once for the loss of each side. A
side is what fails together: when A is lost, every rack draws its peak from the others.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bloomery.plan.cdu import ordered_cdus
from bloomery.plan.circuits import NORMAL, Board, sides_of
from bloomery.plan.device_figures import cdu_figures
from bloomery.plan.model import CircuitPlan, ModelPlan, RackItem, RackPlan, SourcePlan
from bloomery.site import Site
from bloomery.site.facility.power import PowerSheet, Source

WATTS = 3
"""Decimals of a load in kW."""

Loads = Mapping[str, Mapping[str, float]]
"""What is lost (``NORMAL``: nothing) -> source -> load that hangs on it directly, kW."""


def plan_power(
    site: Site,
    racks: Sequence[RackPlan],
    placed: Mapping[str, Sequence[tuple[RackItem, ModelPlan]]],
) -> tuple[tuple[SourcePlan, ...], tuple[CircuitPlan, ...]]:
    """Sources by name, circuits by rack; both empty where the site says nothing of power."""
    if site.power is None:
        return (), ()
    sides = sides_of(site.power)
    cases = (NORMAL, *sorted(set(sides.values()) - {""}))
    direct: dict[str, dict[str, float]] = {lost: defaultdict(float) for lost in cases}
    feeds = {rack.name: rack.feeds for rack in site.racks}
    circuits: list[CircuitPlan] = []
    board = Board(site.power, sides, cases)
    for rack in racks:
        placed_here = placed.get(rack.name, ())
        for circuit, loads in board.circuits(rack.name, feeds[rack.name], placed_here):
            circuits.append(circuit)
            for lost, load in loads.items():
                direct[lost][circuit.source] += load
    _add_cdus(site, sides, direct)
    return _sources(site.power, sides, direct), tuple(circuits)


def _add_cdus(site: Site, sides: Mapping[str, str], direct: Mapping[str, dict[str, float]]) -> None:
    """CDUs draw from their own feeds: in equal parts, and from those that are left."""
    for _, order, _ in ordered_cdus(site):
        power = cdu_figures(order).power_kw
        for lost, loads in direct.items():
            left = [feed for feed in order.feeds if feed in sides and sides[feed] != (lost or None)]
            for feed in left:
                loads[feed] += power / len(left)


def _sources(power: PowerSheet, sides: Mapping[str, str], direct: Loads) -> tuple[SourcePlan, ...]:
    by_name = {source.name: source for source in power.sources}
    order = _leaves_first(by_name)
    totals = {lost: _totals(order, by_name, loads) for lost, loads in direct.items()}
    taken = {lost: _taken_over(by_name, loads) for lost, loads in totals.items()}
    worst = {
        name: max(
            loads[name] + taken[lost].get(name, 0.0)
            for lost, loads in totals.items()
            if lost != (sides[name] or None)
        )
        for name in by_name
    }
    return tuple(
        SourcePlan(
            name=name,
            kind=source.kind,
            parent=source.parent or "",
            side=sides[name],
            capacity_kw=source.capacity_kw,
            loss=source.loss,
            load_kw=round(totals[NORMAL][name], WATTS),
            worst_kw=round(worst[name], WATTS),
            backed=any(it.backed or it.kind == "ups" for it in _upwards(by_name, name)),
            capped_by=source.capped_by or "",
            standby=source.standby or "",
            transfer_s=source.transfer_s or 0.0,
        )
        for name, source in sorted(by_name.items())
    )


def _upwards(by_name: Mapping[str, Source], name: str | None) -> Iterable[Source]:
    """The source and all above it. Loading has seen to it that no source feeds itself."""
    while name is not None:
        yield by_name[name]
        name = by_name[name].parent


def _leaves_first(by_name: Mapping[str, Source]) -> Sequence[str]:
    depth = {name: sum(1 for _ in _upwards(by_name, name)) for name in by_name}
    return sorted(by_name, key=lambda name: (-depth[name], name))


def _totals(
    order: Sequence[str], by_name: Mapping[str, Source], direct: Mapping[str, float]
) -> Mapping[str, float]:
    """Load at each source's output: what hangs on it, and what its children draw."""
    below: dict[str, list[float]] = {name: [direct.get(name, 0.0)] for name in order}
    totals: dict[str, float] = {}
    for name in order:
        source = by_name[name]
        totals[name] = math.fsum(below[name])
        if source.parent is not None:
            below[source.parent].append(totals[name] / (1 - source.loss))
    return totals


def _taken_over(by_name: Mapping[str, Source], totals: Mapping[str, float]) -> Mapping[str, float]:
    """Load of each standby, and of all above it, when every parent it stands in for is lost."""
    taken: dict[str, float] = defaultdict(float)
    for name, source in sorted(by_name.items()):
        drawn = totals[name] / (1 - source.loss)
        for above in _upwards(by_name, source.standby):
            taken[above.name] += drawn
            drawn /= 1 - above.loss
    return taken
