"""Rules P5 to P7: power supplies, power shelves and CDUs keep going when a side is lost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bloomery.check.contents import Content, contents
from bloomery.check.note import Severity
from bloomery.check.preconditions import (
    FEEDS,
    LOOPS,
    RACK_SCALE,
    RACK_SCALE_FEEDS,
    SHELVES,
    SOURCES,
    SUPPLIES,
)
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import CduPlan, LoopPlan, ModelPlan, Plan, SourcePlan

MILLIWATT = 1e-6
"""Slack against a limit, kW."""


def left_of(count: int, sides: int) -> int:
    """Supplies left of ``count``, spread evenly over ``sides``, when the fullest side is lost."""
    return count - -(-count // sides)


def _sides(plan: Plan) -> Mapping[str, int]:
    """Rack -> sides that feed it; racks without feeds are left out."""
    found: dict[str, set[str]] = defaultdict(set)
    for circuit in plan.metal.circuits:
        found[circuit.rack].add(circuit.side)
    return {rack: len(sides) for rack, sides in found.items()}


def _accepted(plan: Plan, left: int) -> Severity:
    """A machine that stops is never accepted; one that slows down is, where the site says so."""
    degraded = plan.metal.feed_loss == "degraded" and left > 0
    return Severity.WARNING if degraded else Severity.ERROR


def _shelves(plan: Plan) -> Iterator[Finding]:
    sides = _sides(plan)
    alike: Counter[tuple[str, int, float]] = Counter()
    for rack, there in contents(plan).items():
        trays = [it for it in there if it.model and it.model.shelves]
        if trays and sides.get(rack, 1) > 1:
            peak = round(sum(it.peak_kw for it in trays), 3)
            alike[_key(trays[0]), sides[rack], peak] += 1
    for (key, count, peak), racks in sorted(alike.items()):
        yield from _shelves_of(plan, plan.metal.models_by_key[key], count, peak, racks)


def _key(item: Content) -> str:
    return item.model.key if item.model else ""


def _shelves_of(
    plan: Plan, model: ModelPlan, sides: int, peak: float, racks: int
) -> Iterator[Finding]:
    left = left_of(model.shelves, sides)
    given = left * model.shelf_kw
    if given < peak - MILLIWATT:
        yield Finding(
            subject=f"{model.key}, {racks} racks on {sides} sides",
            value=f"{given:g} kW from {left} of {model.shelves} shelves with a side lost",
            limit=f"{peak:g} kW at peak",
            margin=f"{given - peak:g} kW",
            remedy="order more or larger shelves (shelves, shelf_kw of the pool), feed the rack"
            " from more sides, or declare power.feed_loss: degraded",
            severity=_accepted(plan, left),
        )


def _supplies(plan: Plan) -> Iterator[Finding]:
    sides = _sides(plan)
    alike: Counter[tuple[str, int]] = Counter()
    for rack, there in contents(plan).items():
        for item in there:
            if item.model and item.model.psus and item.kind == "node" and sides.get(rack, 1) > 1:
                alike[item.model.key, sides[rack]] += 1
    for (key, count), machines in sorted(alike.items()):
        model = plan.metal.models_by_key[key]
        left = left_of(model.psus, count)
        if left < model.psus_needed:
            yield Finding(
                subject=f"{key}, {machines} machines on {count} sides",
                value=f"{left} of {model.psus} supplies with a side lost",
                limit=f"{model.psus_needed} for full load",
                margin=str(left - model.psus_needed),
                remedy="feed the rack from more sides, or declare power.feed_loss: degraded",
                severity=_accepted(plan, left),
            )


def _cdus(plan: Plan) -> Iterator[Finding]:
    sources = {source.name: source for source in plan.metal.sources}
    if not sources:
        return
    racks: dict[str, set[str]] = defaultdict(set)
    for circuit in plan.metal.circuits:
        racks[circuit.rack].add(circuit.source)
    loops = {loop.name: loop for loop in plan.cooling.loops}
    for cdu in plan.cooling.cdus:
        loop = loops.get(cdu.loop)
        served = {feed for flow in loop.racks for feed in racks[flow.rack]} if loop else set()
        yield from _cdu_feeds(cdu, sources, served)
        if loop is not None:
            yield from _transfer(cdu, loop, sources)


def _cdu_feeds(
    cdu: CduPlan, sources: Mapping[str, SourcePlan], served: set[str]
) -> Iterator[Finding]:
    unknown = [feed for feed in cdu.feeds if feed not in sources]
    known = [sources[feed] for feed in cdu.feeds if feed in sources]
    wrong = {
        "is not a source": (unknown, "correct its feeds, or add it to power.sources"),
        "is not behind a UPS": (
            [it.name for it in known if not it.backed],
            "feed pumps and controls from a UPS: they must keep running during a mains failure",
        ),
        "also feeds the racks it cools": (
            [it.name for it in known if it.name in served],
            "feed it separately: a fault on a rack feed must not stop the coolant",
        ),
    }
    for what, (feeds, remedy) in wrong.items():
        for feed in feeds:
            yield Finding(
                subject=f"{cdu.name} on {feed}",
                value=f"{feed} {what}",
                limit="a source of its own behind a UPS",
                remedy=remedy,
            )
    sides = {it.side for it in known if it.side}
    if len(sides) < 2:
        yield Finding(
            subject=cdu.name,
            value=f"feeds of side {', '.join(sorted(sides)) or 'none'}",
            limit="feeds of two sides",
            remedy="add a feed of another side",
        )


def _above(source: SourcePlan, sources: Mapping[str, SourcePlan]) -> Sequence[SourcePlan]:
    """The source and all above it."""
    path: list[SourcePlan] = []
    here: SourcePlan | None = source
    while here is not None and here not in path:
        path.append(here)
        here = sources.get(here.parent)
    return path


def _transfer(cdu: CduPlan, loop: LoopPlan, sources: Mapping[str, SourcePlan]) -> Iterator[Finding]:
    """A change-over below the UPS stops the pumps: it must be over before the coolant is hot."""
    running = max((flow.return_c for flow in loop.racks), default=loop.return_limit_c)
    room = max(loop.return_limit_c - running, 0.0)
    heat = loop.volume_l * loop.density_kg_l * loop.heat_capacity_kj_kgk * room
    limit = heat / loop.heat_kw if loop.heat_kw else float("inf")
    for feed in cdu.feeds:
        if feed not in sources:
            continue
        for source in _above(sources[feed], sources):
            if source.kind == "ups":
                break
            if source.transfer_s >= limit:
                yield Finding(
                    subject=f"{cdu.name} on {feed}",
                    value=f"{source.transfer_s:g} s while {source.name} transfers",
                    limit=f"less than {limit:.1f} s, in which {loop.name} reaches its return limit",
                    margin=f"{limit - source.transfer_s:.1f} s",
                    remedy="put the UPS below the ATS, or give the loop more volume",
                )


RULES = (
    Rule(
        "P5",
        "With one side lost, the remaining power shelves carry the rack's peak",
        "NVIDIA Base Command Manager, Power Shelf Integration: 8 shelves of 33 kW per rack",
        _shelves,
        (RACK_SCALE, SHELVES, RACK_SCALE_FEEDS),
    ),
    Rule(
        "P6",
        "With one side lost, the remaining power supplies carry full load",
        "psus_needed of the catalogue; supplies spread evenly over the sides",
        _supplies,
        (FEEDS, SUPPLIES),
    ),
    Rule(
        "P7",
        "CDU pumps and controls have separate UPS feeds and ride through any transfer",
        "ride-through of the loop: volume x density x specific heat x temperature margin / heat",
        _cdus,
        (LOOPS, SOURCES),
    ),
)
