"""What stands in each rack, taken from machines, switches, CDUs and parts of racks themselves."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bloomery.plan.model import CduPlan, ModelPlan, Plan, RackPartPlan, SwitchPlan

Contents = Mapping[str, Sequence["Content"]]
"""Rack -> what stands in it, from the bottom up."""


@dataclass(frozen=True)
class Content:
    """One thing in a rack, with what it draws."""

    name: str
    kind: str
    """``node``, ``switch``, ``cdu``, ``nvlink`` or ``shelf``."""
    unit: int
    height: int
    power_kw: float
    """Over time, kW."""
    model: ModelPlan | None
    """``None`` where the plan holds no such model: rules say so."""

    @property
    def peak_kw(self) -> float:
        """For moments, kW."""
        return max(self.power_kw, self.model.peak_kw if self.model else 0.0)

    @property
    def air_kw(self) -> float:
        """What the room's air must take of it at peak, kW."""
        return self.peak_kw * (1 - (self.model.liquid_share if self.model else 0.0))

    @property
    def units(self) -> str:
        """``U3``, or ``U3-U12``."""
        top = self.unit + self.height - 1
        return f"U{self.unit}" if top <= self.unit else f"U{self.unit}-U{top}"


def contents(plan: Plan) -> Contents:
    """Everything that has a rack, by rack. A machine's own figures go before its model's."""
    found: dict[str, list[Content]] = defaultdict(list)
    models = plan.metal.models_by_key
    keys = {item.name: item.model for rack in plan.metal.racks for item in rack.items}
    for node in plan.metal.nodes:
        model = models.get(keys.get(node.name, node.model))
        found[node.rack].append(
            Content(node.name, "node", node.unit, node.height, node.power_kw, model)
        )
    devices: list[tuple[str, SwitchPlan | CduPlan | RackPartPlan]] = [
        *(("switch", switch) for switch in plan.fabric.switches),
        *(("cdu", cdu) for cdu in plan.cooling.cdus),
        *((part.kind, part) for part in plan.metal.parts),
    ]
    for kind, device in devices:
        model = models.get(keys.get(device.name, device.model))
        if device.rack:
            height, power = (model.height, model.power_kw) if model else (0, 0.0)
            found[device.rack].append(Content(device.name, kind, device.unit, height, power, model))
    return {rack: sorted(there, key=lambda it: (it.unit, it.name)) for rack, there in found.items()}


def fed(there: Iterable[Content]) -> Sequence[Content]:
    """What the rack's own circuits feed: all but CDUs, which name feeds of their own."""
    return [it for it in there if it.kind != "cdu"]


def power_kw(there: Iterable[Content]) -> float:
    """Load of a rack's circuits over time, kW."""
    return math.fsum(it.power_kw for it in fed(there))


def peak_kw(there: Iterable[Content]) -> float:
    """Load of a rack's circuits at peak, kW."""
    return math.fsum(it.peak_kw for it in fed(there))
