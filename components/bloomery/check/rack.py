"""Rules M3, M4 and P1: racks hold what is put into them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from bloomery.check.note import Severity
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import NodePlan, Plan

LOW_MARGIN = 0.05
"""Share of a rack's power below which a warning is due: switches are not in the sum yet."""


def _units(node: NodePlan) -> str:
    top = node.unit + node.height - 1
    return f"U{node.unit}" if top == node.unit else f"U{node.unit}-U{top}"


def _units_collide(plan: Plan) -> Iterator[Finding]:
    sizes = {rack.name: rack.units for rack in plan.metal.racks}
    taken: dict[tuple[str, int], NodePlan] = {}
    for node in sorted(plan.metal.nodes, key=lambda node: (node.rack, node.unit, node.name)):
        top = node.unit + node.height - 1
        size = sizes.get(node.rack)
        if size is not None and (node.unit < 1 or top > size):
            yield Finding(
                subject=node.name,
                value=f"{_units(node)} of {node.rack}",
                limit=f"U1-U{size}",
                margin=f"{size - top} U",
                remedy="give it a lower unit or another rack",
            )
        units = range(node.unit, top + 1)
        others = {
            taken[node.rack, unit].name: taken[node.rack, unit]
            for unit in units
            if (node.rack, unit) in taken
        }
        for other in others.values():
            yield Finding(
                subject=f"{other.name}, {node.name}",
                value=f"{_units(node)} of {node.rack} over {_units(other)}",
                limit="one machine a unit",
                margin=f"{node.unit - (other.unit + other.height)} U",
                remedy=f"move one; {other.name} needs {other.height} U from its lowest unit up",
            )
        for unit in units:
            taken.setdefault((node.rack, unit), node)


def _rack_unknown(plan: Plan) -> Iterator[Finding]:
    known = {rack.name for rack in plan.metal.racks}
    for node in plan.metal.nodes:
        if node.rack not in known:
            yield Finding(
                subject=node.name,
                value=f"rack {node.rack}",
                limit=f"one of {', '.join(sorted(known))}",
                remedy="correct its rack in machines.csv, or add the rack to site.yaml",
            )


def _power(plan: Plan) -> Iterator[Finding]:
    for rack in plan.metal.racks:
        draw = math.fsum(node.power_kw for node in plan.metal.nodes if node.rack == rack.name)
        margin = rack.power_limit_kw - draw
        if margin >= LOW_MARGIN * rack.power_limit_kw:
            continue
        # A thousandth of a watt: decimal figures that add up to exactly the limit must pass.
        beyond = margin < -1e-6
        yield Finding(
            subject=rack.name,
            value=f"{draw:.3f} kW nameplate",
            limit=f"{rack.power_limit_kw:.3f} kW",
            margin=f"{margin:.3f} kW",
            remedy="move machines to another rack, or correct power_kw if the feeds give more",
            severity=Severity.ERROR if beyond else Severity.WARNING,
        )


RULES = (
    Rule(
        "M3",
        "Machines fit their rack and do not overlap",
        "rack units of site.yaml; heights of the catalogue",
        _units_collide,
    ),
    Rule("M4", "Machines stand in a rack of the site", "racks of site.yaml", _rack_unknown),
    Rule(
        "P1",
        "A rack's machines stay within its power",
        "racks[].power_kw of site.yaml against nameplate power of the catalogue",
        _power,
    ),
)
