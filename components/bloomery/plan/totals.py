"""A whole plan in a handful of numbers: what people compare two plans by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bloomery.plan.model import Plan


@dataclass(frozen=True)
class Total:
    """One sum over the plan."""

    noun: str
    name: str
    value: float
    unit: str
    """Empty for a count."""


def totals(plan: Plan) -> tuple[Total, ...]:
    """Sums of every noun in a fixed order; a noun the plan lacks has zeroes."""
    found = (*_metal(plan), *_cooling(plan), *_fabric(plan), *_storage(plan), *_cluster(plan))
    return tuple(Total(noun, name, _clean(value), unit) for noun, name, value, unit in found)


Row = tuple[str, str, float, str]


def _clean(value: float) -> float:
    """Without the noise of binary fractions: a sum of decimals compares equal to itself."""
    return round(value, 3)


def _sum(values: Iterable[float]) -> float:
    return math.fsum(values)


def _metal(plan: Plan) -> Iterator[Row]:
    gpus = {model.key: model.gpus for model in plan.metal.models}
    racks = plan.metal.racks
    yield "metal", "racks", len(racks), ""
    yield "metal", "machines", len(plan.metal.nodes), ""
    yield "metal", "GPUs", sum(gpus.get(node.model, 0) for node in plan.metal.nodes), ""
    yield "metal", "power", _sum(rack.power_kw for rack in racks), "kW"
    yield "metal", "peak power", _sum(rack.peak_kw for rack in racks), "kW"
    # Models without a weight in any source are not in it.
    yield "metal", "known weight", _sum(rack.weight_kg for rack in racks), "kg"


def _cooling(plan: Plan) -> Iterator[Row]:
    loops = plan.cooling.loops
    yield "cooling", "heat to air", _sum(rack.air_kw for rack in plan.metal.racks), "kW"
    yield "cooling", "heat to liquid", _sum(rack.liquid_kw for rack in plan.metal.racks), "kW"
    yield "cooling", "flow", _sum(loop.flow_lpm for loop in loops), "L/min"
    yield "cooling", "loops", len(loops), ""
    yield "cooling", "CDUs", len(plan.cooling.cdus), ""


def _fabric(plan: Plan) -> Iterator[Row]:
    cables = plan.fabric.cables
    yield "fabric", "switches", len(plan.fabric.switches), ""
    yield "fabric", "cables", len(cables), ""
    yield "fabric", "dark cables", sum(cable.dark for cable in cables), ""
    yield "fabric", "cable length", _sum(cable.length_m for cable in cables), "m"


def _storage(plan: Plan) -> Iterator[Row]:
    yield "storage", "capacity", _sum(tier.capacity_tb for tier in plan.storage.tiers), "TB"
    yield "storage", "building blocks", sum(tier.blocks for tier in plan.storage.tiers), ""


def _cluster(plan: Plan) -> Iterator[Row]:
    cost = plan.cluster.cost
    yield "cluster", "projects", len(plan.cluster.projects), ""
    yield "cluster", "guaranteed GPUs", sum(p.gpus for p in plan.cluster.projects), ""
    yield "cluster", "yearly cost", cost.year if cost else 0.0, cost.currency if cost else ""
    yield (
        "cluster",
        "cost per GPU-hour",
        cost.gpu_hour if cost else 0.0,
        (cost.currency if cost else ""),
    )
