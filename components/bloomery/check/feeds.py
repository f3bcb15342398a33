"""Rules P2 and P4: what is left carries the load when a side is lost, and the tree carries it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bloomery.check.contents import contents, peak_kw
from bloomery.check.note import Severity
from bloomery.check.preconditions import FEEDS, SOURCES
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import CircuitPlan, Plan, SourcePlan

MILLIWATT = 1e-6
"""Slack against a limit, kW."""

WATT = 2e-3
"""Slack between sums that were rounded to a watt on the way, kW."""


def _survivors(plan: Plan) -> Iterator[Finding]:
    found = contents(plan)
    racks: dict[str, list[CircuitPlan]] = defaultdict(list)
    for circuit in plan.metal.circuits:
        racks[circuit.rack].append(circuit)
    if racks:
        yield from _unfed(plan, racks)
    for rack, circuits in racks.items():
        peak = peak_kw(found.get(rack, ()))
        yield from _rack_survives(rack, peak, circuits)
    for source, worst in _worst(plan):
        yield from _source(source, worst, "when the other side is lost, at peak")


def _unfed(plan: Plan, racks: Mapping[str, Sequence[CircuitPlan]]) -> Iterator[Finding]:
    for rack in plan.metal.racks:
        if rack.items and rack.name not in racks:
            yield Finding(
                subject=rack.name,
                value="no feeds",
                limit="feeds of two sides",
                remedy="give its feeds in site.yaml: other racks have theirs",
            )


def _rack_survives(rack: str, peak: float, circuits: Sequence[CircuitPlan]) -> Iterator[Finding]:
    sides = {circuit.side for circuit in circuits}
    if len(sides) < 2:
        yield Finding(
            subject=rack,
            value=f"feeds of side {', '.join(sorted(sides))} only",
            limit="feeds of two sides",
            remedy="add a feed of another side: the loss of this one stops the rack",
        )
    for lost in sorted(sides) if len(sides) > 1 else ():
        left = math.fsum(it.alone_kw for it in circuits if it.side != lost)
        if left < peak - WATT * (1 + len(circuits)):
            yield Finding(
                subject=rack,
                value=f"{left:.3f} kW on the remaining circuits with side {lost}",
                limit=f"{peak:.3f} kW peak load",
                margin=f"{left - peak:.3f} kW",
                remedy="distribute the supplies over the sides",
            )
    for circuit in circuits:
        limit = _capacity_kw(circuit)
        if circuit.alone_kw > limit + MILLIWATT:
            yield Finding(
                subject=f"{rack} on {circuit.source}",
                value=f"{circuit.alone_kw:.3f} kW when another side is lost",
                limit=f"{limit:.3f} kW ({circuit.continuous:.0%} of {circuit.amps:g} A)",
                margin=f"{limit - circuit.alone_kw:.3f} kW",
                remedy="add circuits on every side: each must carry the peak when alone",
            )


def _capacity_kw(circuit: CircuitPlan) -> float:
    root = math.sqrt(3) if circuit.phases == 3 else 1.0
    rated = root * circuit.volts * circuit.amps * circuit.count / 1000
    return rated * circuit.continuous * circuit.power_factor


def _source(source: SourcePlan, load: float, when: str) -> Iterator[Finding]:
    if load <= source.capacity_kw + WATT:
        return
    held = f"; {source.capped_by} must cap the load" if source.capped_by else ""
    remedy = "feed fewer racks from it, enlarge it, or name what caps it (capped_by)"
    yield Finding(
        subject=source.name,
        value=f"{load:.1f} kW {when}{held}",
        limit=f"{source.capacity_kw:.1f} kW",
        margin=f"{source.capacity_kw - load:.1f} kW",
        remedy="verify the cap on site before the racks are populated" if held else remedy,
        severity=Severity.WARNING if held else Severity.ERROR,
    )


def _worst(plan: Plan) -> Iterator[tuple[SourcePlan, float]]:
    """Each source, and its load in the worst case in which it still works, kW."""
    sides = sorted({circuit.side for circuit in plan.metal.circuits})
    cases = {lost: _tree(plan.metal.sources, _direct(plan, lost)) for lost in sides}
    for source in plan.metal.sources:
        loads = [loads[source.name] for lost, loads in cases.items() if lost != source.side]
        yield source, max(loads, default=0.0)


def _lost(plan: Plan, side: str) -> frozenset[str]:
    return frozenset(it.name for it in plan.metal.sources if it.side == side)


def _direct(plan: Plan, lost: str) -> Mapping[str, float]:
    """Source -> load that hangs on it without side ``lost``; an empty ``lost``: normal operation.

    A CDU draws in equal parts from those of its feeds that are left.
    """
    gone = _lost(plan, lost) if lost else frozenset()
    loads: dict[str, float] = defaultdict(float)
    for circuit in plan.metal.circuits:
        if circuit.source not in gone:
            loads[circuit.source] += circuit.alone_kw if lost else circuit.load_kw
    known = {source.name for source in plan.metal.sources}
    for cdu in plan.cooling.cdus:
        left = [feed for feed in cdu.feeds if feed in known - gone]
        for feed in left:
            loads[feed] += cdu.power_kw / len(left)
    return loads


def _tree(sources: Sequence[SourcePlan], direct: Mapping[str, float]) -> Mapping[str, float]:
    """Load at the output of every source, from what hangs on each and on those below it.

    What a standby takes over when the parent of another is lost is counted on it as well.
    """
    by_name = {source.name: source for source in sources}
    loads = dict.fromkeys(by_name, 0.0)
    for name, load in direct.items():
        _up(by_name, loads, name, load)
    taken = dict(loads)
    for source in sources:
        if source.standby:
            _up(by_name, taken, source.standby, _drawn(loads[source.name], source))
    return taken


def _up(by_name: Mapping[str, SourcePlan], loads: dict[str, float], name: str, load: float) -> None:
    """Adds ``load`` to a source and, with each one's losses, to all above it."""
    seen: set[str] = set()
    while name in by_name and name not in seen:
        seen.add(name)
        loads[name] += load
        load = _drawn(load, by_name[name])
        name = by_name[name].parent


def _drawn(load: float, source: SourcePlan) -> float:
    """What a source draws to give ``load``."""
    return load / (1 - source.loss) if source.loss < 1 else math.inf


def _tree_holds(plan: Plan) -> Iterator[Finding]:
    known = {source.name for source in plan.metal.sources}
    for source in plan.metal.sources:
        if source.parent and source.parent not in known:
            yield Finding(
                subject=source.name,
                value=f"parent {source.parent}",
                limit="a source of the plan",
                remedy="add it to power.sources, or correct parent",
            )
    loads = _tree(plan.metal.sources, _direct(plan, ""))
    for source in plan.metal.sources:
        yield from _source(source, loads[source.name], "in normal operation")


RULES = (
    Rule(
        "P2",
        "With one side lost, the remaining circuits and upstream sources carry the peak",
        "A/B feeding: either feed alone carries the whole rack at peak",
        _survivors,
        (FEEDS,),
    ),
    Rule(
        "P4",
        "Every power source carries its load, losses included",
        "power.sources of site.yaml; oversubscription needs a named controller",
        _tree_holds,
        (SOURCES,),
    ),
)
