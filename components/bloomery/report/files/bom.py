"""The bill of materials: what is bought, and how many of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bloomery.plan.model import Plan
from bloomery.report.files.bom_cables import Row, cable_rows
from bloomery.report.files.sheet import number, sheet

COLUMNS = ("noun", "kind", "item", "description", "quantity", "unit")
"""Columns of ``bom.csv``."""


def bom_csv(plan: Plan) -> bytes:
    """One row a thing to buy, noun by noun."""
    return sheet(COLUMNS, bom(plan))


def bom(plan: Plan) -> tuple[Row, ...]:
    """Machines, racks and feeds, then coolant, fabric and storage. No row has quantity 0."""
    rows = (*_metal(plan), *_cooling(plan), *_fabric(plan), *_storage(plan))
    return tuple(row for row in rows if row[4])


def _models(plan: Plan, counts: Counter[str], noun: str, kind: str) -> Iterator[Row]:
    models = {model.key: model for model in plan.metal.models}
    for key, count in sorted(counts.items()):
        model = models.get(key)
        words = model.title if model else key
        if model and model.trays:
            words += f", {model.trays} trays a rack"
        yield noun, kind, key, words, count, "tray" if model and model.trays else "piece"


def _metal(plan: Plan) -> Iterator[Row]:
    yield from _models(plan, Counter(n.model for n in plan.metal.nodes), "metal", "node")
    yield from _parts(plan)
    racks = Counter((rack.units, rack.power_limit_kw) for rack in plan.metal.racks)
    for (units, kw), count in sorted(racks.items()):
        words = f"rack of {units} units, {number(kw)} kW"
        yield "metal", "rack", f"rack-{units}u-{number(kw)}kw", words, count, "piece"
    sources = Counter((s.kind, s.capacity_kw) for s in plan.metal.sources if s.kind != "utility")
    for (kind, kw), count in sorted(sources.items()):
        words = f"{kind} of {number(kw)} kW"
        yield "metal", kind, f"{kind}-{number(kw)}kw", words, count, "piece"
    yield from _circuits(plan)


def _parts(plan: Plan) -> Iterator[Row]:
    """Listed, so that the delivery can be counted: they come with the trays of their rack."""
    titles = {model.key: model.title for model in plan.metal.models}
    for (kind, key), count in sorted(
        Counter((it.kind, it.model) for it in plan.metal.parts).items()
    ):
        words = f"{titles.get(key, key)}, part of its rack: not ordered apart"
        yield "metal", kind, key, words, count, "piece"


def _circuits(plan: Plan) -> Iterator[Row]:
    counts: Counter[tuple[int, float, float]] = Counter()
    pdus: Counter[str] = Counter()
    for circuit in plan.metal.circuits:
        counts[circuit.phases, circuit.volts, circuit.amps] += circuit.count
        pdus[circuit.pdu] += circuit.count if circuit.pdu else 0
    yield from _models(plan, pdus, "metal", "pdu")
    for (phases, volts, amps), count in sorted(counts.items()):
        what = f"{phases} x {number(amps)} A at {number(volts)} V"
        item = f"circuit-{phases}p-{number(amps)}a-{number(volts)}v"
        yield "metal", "circuit", item, f"circuit to a rack, {what}", count, "piece"


def _cooling(plan: Plan) -> Iterator[Row]:
    yield from _models(plan, Counter(c.model for c in plan.cooling.cdus), "cooling", "cdu")
    litres: Counter[str] = Counter()
    for loop in plan.cooling.loops:
        litres[loop.fluid] += round(loop.volume_l)
    for fluid, volume in sorted(litres.items()):
        yield "cooling", "fluid", fluid, "coolant, first filling of all loops", volume, "L"


def _fabric(plan: Plan) -> Iterator[Row]:
    yield from _models(plan, Counter(s.model for s in plan.fabric.switches), "fabric", "switch")
    yield from cable_rows(plan)


def _storage(plan: Plan) -> Iterator[Row]:
    for tier in plan.storage.tiers:
        words = f"building block of {tier.product}, tier {tier.tier} ({tier.media})"
        yield "storage", "block", tier.name, words, tier.blocks, "piece"
