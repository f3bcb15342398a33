"""Rule P8: the room's air takes the heat that no liquid does."""

from __future__ import annotations

import math
from collections.abc import Iterator

from bloomery.check.contents import contents, fed, peak_kw
from bloomery.check.preconditions import HALLS
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import Plan

WATT = 1e-3
"""Slack of a sum of heats, kW."""


def _air(plan: Plan) -> Iterator[Finding]:
    if not plan.metal.halls:
        return
    found, back = contents(plan), _back_to_air(plan)
    halls = {rack.name: rack.hall for rack in plan.metal.racks}
    for hall in plan.metal.halls:
        racks = [rack for rack, name in halls.items() if name == hall.name]
        heat = math.fsum(
            peak_kw(found.get(rack, ()))
            if rack in back
            else math.fsum(it.air_kw for it in fed(found.get(rack, ())))
            for rack in racks
        )
        if heat > hall.air_limit_kw + WATT:
            yield Finding(
                subject=hall.name,
                value=f"{heat:.1f} kW to air at peak",
                limit=f"{hall.air_limit_kw:.1f} kW",
                margin=f"{hall.air_limit_kw - heat:.1f} kW",
                remedy="move racks to another hall, add air handlers, or move more heat to liquid",
            )


def _back_to_air(plan: Plan) -> frozenset[str]:
    """Racks of loops whose CDUs all give their heat to the air of the hall."""
    kinds: dict[str, set[str]] = {}
    for cdu in plan.cooling.cdus:
        kinds.setdefault(cdu.loop, set()).add(cdu.exchanger)
    airy = {loop for loop, kind in kinds.items() if kind == {"air"}}
    return frozenset(
        flow.rack for loop in plan.cooling.loops if loop.name in airy for flow in loop.racks
    )


RULES = (
    Rule(
        "P8",
        "Heat to air stays within the air cooling capacity of the hall",
        "halls[].air_kw of site.yaml; 10 to 15 % of a rack-scale rack's heat stays in the air",
        _air,
        (HALLS,),
    ),
)
