"""Coolant loops: facility water, CDUs, racks; alike loops and alike racks drawn once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bloomery.plan.model import CduPlan, LoopPlan, Plan, RackFlow

BOXES = 7
"""Groups of racks drawn in one loop; what is beyond is in the table."""


@dataclass(frozen=True)
class Group:
    """Racks that take the same from a loop."""

    title: str
    lines: tuple[str, ...]
    tight: bool
    """Whether it takes more than its limit allows."""


@dataclass(frozen=True)
class Loop:
    """One loop drawn, for all loops like it."""

    names: tuple[str, ...]
    loop: LoopPlan
    cdus: tuple[CduPlan, ...]
    groups: tuple[Group, ...]
    hidden: int
    """Groups of racks that are not drawn."""
    share: float
    """Heat over what all CDUs but one can move."""

    @property
    def title(self) -> str:
        """The loop's name, or how many are like it."""
        if len(self.names) == 1:
            return self.names[0]
        return f"{len(self.names)} loops: {self.names[0]} to {self.names[-1]}"


def loops(plan: Plan) -> tuple[Loop, ...]:
    """All loops of the plan, alike ones together."""
    cdus: dict[str, list[CduPlan]] = defaultdict(list)
    for cdu in plan.cooling.cdus:
        cdus[cdu.loop].append(cdu)
    groups: dict[object, list[LoopPlan]] = defaultdict(list)
    for loop in plan.cooling.loops:
        groups[_shape(loop, cdus[loop.name])].append(loop)
    return tuple(_loop(members, tuple(cdus[members[0].name])) for members in groups.values())


def _shape(loop: LoopPlan, cdus: Sequence[CduPlan]) -> object:
    racks = sorted((flow.heat_kw, flow.flow_lpm, flow.valve) for flow in loop.racks)
    units = sorted((cdu.model, cdu.capacity_kw) for cdu in cdus)
    return loop.fluid, loop.supply_c, loop.volume_l, tuple(racks), tuple(units)


def _loop(members: Sequence[LoopPlan], cdus: tuple[CduPlan, ...]) -> Loop:
    loop = members[0]
    alike: dict[object, list[RackFlow]] = defaultdict(list)
    for flow in loop.racks:
        alike[flow.heat_kw, flow.flow_lpm, flow.return_c, flow.valve].append(flow)
    ranked = sorted(alike.values(), key=lambda flows: -len(flows))
    spare = sorted(cdu.capacity_kw for cdu in cdus)[:-1]
    return Loop(
        names=tuple(member.name for member in members),
        loop=loop,
        cdus=cdus,
        groups=tuple(_group(flows) for flows in ranked[:BOXES]),
        hidden=max(0, len(ranked) - BOXES),
        share=loop.heat_kw / sum(spare) if spare else 0.0,
    )


def _group(flows: Sequence[RackFlow]) -> Group:
    first = flows[0]
    title = first.rack if len(flows) == 1 else f"{len(flows)} racks"
    each = "" if len(flows) == 1 else " each"
    limit = first.flow_limit_lpm
    return Group(
        title=title,
        lines=(
            f"{first.heat_kw:,.1f} kW{each}",
            f"{first.flow_lpm:,.1f} L/min",
            f"valve: {first.valve}",
        ),
        tight=bool(limit) and first.flow_lpm > limit,
    )
