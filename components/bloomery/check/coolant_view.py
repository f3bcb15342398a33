"""What the rules of cooling read out of a plan: looked up once, summed up anew."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bloomery.plan.coolant import capacity_at_approach
from bloomery.plan.model import CduPlan, LoopPlan, Plan, RackPlan

WATT = 1e-3
"""Slack of every sum, kW and L/min: decimal figures that add up to the limit must pass."""


@dataclass(frozen=True)
class LoopView:
    """One loop with its racks' heat as the models give it, not as the plan says."""

    loop: LoopPlan
    heat_kw: Mapping[str, float | None]
    """Rack -> heat to liquid at peak; ``None`` where a model or the rack is unknown."""
    cdus: Sequence[CduPlan]

    @property
    def total_kw(self) -> float:
        """Heat of all racks whose heat can be told, kW."""
        return math.fsum(heat for heat in self.heat_kw.values() if heat is not None)

    @property
    def flow_lpm(self) -> float:
        """Flow of all racks together, L/min."""
        return math.fsum(rack.flow_lpm for rack in self.loop.racks)

    def capacity_kw(self, cdu: CduPlan) -> float:
        """Heat ``cdu`` moves at this loop's supply and its warmest facility water, kW."""
        if cdu.approach_k <= 0:
            return 0.0
        there = self.loop.supply_c - self.loop.facility_supply_c
        return capacity_at_approach(cdu.rated_kw, cdu.approach_k, there)


def views(plan: Plan) -> Iterator[LoopView]:
    """Every loop of ``plan``."""
    heat = liquid_heat(plan) if plan.cooling.loops else {}
    cdus: dict[str, list[CduPlan]] = defaultdict(list)
    for cdu in plan.cooling.cdus:
        cdus[cdu.loop].append(cdu)
    for loop in plan.cooling.loops:
        yield LoopView(
            loop, {rack.rack: heat.get(rack.rack) for rack in loop.racks}, cdus[loop.name]
        )


def liquid_heat(plan: Plan) -> dict[str, float | None]:
    """Heat each rack gives to liquid at peak, kW; ``None`` where a model is unknown."""
    share = {model.key: model.peak_kw * model.liquid_share for model in plan.metal.models}
    models = {node.name: node.model for node in plan.metal.nodes}
    return {rack.name: _heat(rack, share, models) for rack in plan.metal.racks}


def _heat(rack: RackPlan, share: Mapping[str, float], models: Mapping[str, str]) -> float | None:
    keys = [item.model for item in rack.items] or [models.get(name, "") for name in rack.nodes]
    if any(key not in share for key in keys):
        return None
    return math.fsum(share[key] for key in keys)
