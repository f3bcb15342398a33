"""A fabric drawn: each switch of a small one, of a large one a box for all at one place."""

from __future__ import annotations

from bloomery.plan.fabric.growth import growth
from bloomery.plan.model import NetworkPlan, Plan
from bloomery.report.groups import Grouping, groupings
from bloomery.report.sketch.columns import columns
from bloomery.report.sketch.layers import layers
from bloomery.report.sketch.wiring import Drawing


def drawings(plan: Plan) -> tuple[Drawing, ...]:
    """Every network of the plan."""
    sums = {network.name: network for network in plan.fabric.networks}
    told = growth(plan)
    return tuple(
        _drawing(it, sums.get(it.network), told.get(it.network, "")) for it in groupings(plan)
    )


def _drawing(grouping: Grouping, sums: NetworkPlan | None, told: str) -> Drawing:
    boxes, lines, width = layers(grouping) if grouping.each else columns(grouping)
    height = max((box.y + box.height for box in boxes), default=0.0)
    return Drawing(grouping.network, sums, told, grouping, boxes, lines, width, height + 2)
