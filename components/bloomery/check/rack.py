"""Rules M3, M4 and M7: racks hold and bear what is put into them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from bloomery.check.contents import Content, contents
from bloomery.check.note import Severity
from bloomery.check.preconditions import WEIGHTS
from bloomery.check.rack_scale import PARTS
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import Plan, RackPlan

GRAM = 1e-3
"""Slack of a sum of weights, kg: decimals that add up to exactly the limit must pass."""


def _units_collide(plan: Plan) -> Iterator[Finding]:
    sizes = {rack.name: rack.units for rack in plan.metal.racks}
    for rack, there in sorted(contents(plan).items()):
        below: list[Content] = []
        for item in there:
            yield from _beyond(item, rack, sizes.get(rack))
            # What ends below this one ends below all that follow: they come from the bottom up.
            below = [other for other in below if other.unit + other.height > item.unit]
            for other in below if item.height else ():
                yield _overlap(item, other, rack)
            below.append(item)


def _beyond(item: Content, rack: str, size: int | None) -> Iterator[Finding]:
    if not item.height:
        yield Finding(
            subject=item.name,
            value=f"unknown height in {rack}",
            limit="a height in rack units",
            remedy=f"give height_u of its model ({item.kind}) in site.yaml",
        )
    top = item.unit + max(item.height, 1) - 1
    if size is not None and (item.unit < 1 or top > size):
        yield Finding(
            subject=item.name,
            value=f"{item.units} of {rack}",
            limit=f"U1-U{size}",
            margin=f"{size - top} U",
            remedy="give it a lower unit or another rack",
        )


def _overlap(item: Content, other: Content, rack: str) -> Finding:
    return Finding(
        subject=f"{other.name}, {item.name}",
        value=f"{item.units} of {rack} over {other.units}",
        limit="one device per unit",
        margin=f"{item.unit - (other.unit + other.height)} U",
        remedy=f"move one; {other.name} needs {other.height} U from its lowest unit up",
    )


def _rack_unknown(plan: Plan) -> Iterator[Finding]:
    known = {rack.name for rack in plan.metal.racks}
    placed = [(node.name, node.rack, "its rack in machines.csv") for node in plan.metal.nodes]
    placed += [(it.name, it.rack, "its placement") for it in plan.fabric.switches if it.rack]
    placed += [(it.name, it.rack, "its placement") for it in plan.cooling.cdus if it.rack]
    placed += [(it.name, it.rack, "its rack") for it in plan.metal.parts]
    for name, rack, where in placed:
        if rack not in known:
            yield Finding(
                subject=name,
                value=f"rack {rack}",
                limit=f"one of {', '.join(sorted(known))}",
                remedy=f"correct {where}, or add the rack to site.yaml",
            )


def _weight(plan: Plan) -> Iterator[Finding]:
    limited = [rack for rack in plan.metal.racks if rack.weight_limit_kg]
    found = contents(plan) if limited else {}
    unknown: Counter[str] = Counter()
    for rack in limited:
        there = found.get(rack.name, ())
        yield from _too_heavy(rack, there)
        # Parts of a rack have none: the shares of its trays contain it.
        weighed = (it for it in there if it.kind not in PARTS)
        weightless = {it.model.key if it.model else it.name for it in weighed if not _weight_of(it)}
        unknown.update(weightless)
    for model, racks in sorted(unknown.items()):
        yield Finding(
            subject=model,
            value=f"unknown weight, in {racks} racks with a limit",
            limit="a weight in kg",
            remedy="give weight_kg in its pool or under fabric.switches, from the vendor's"
            " data sheet",
            severity=Severity.WARNING,
        )


def _weight_of(item: Content) -> float:
    return item.model.weight_kg if item.model else 0.0


def _too_heavy(rack: RackPlan, there: Sequence[Content]) -> Iterator[Finding]:
    weight = math.fsum(_weight_of(it) for it in there)
    if weight > rack.weight_limit_kg + GRAM:
        yield Finding(
            subject=rack.name,
            value=f"{weight:.1f} kg",
            limit=f"{rack.weight_limit_kg:.1f} kg",
            margin=f"{rack.weight_limit_kg - weight:.1f} kg",
            remedy="move machines to another rack, or have a higher floor limit confirmed",
        )


RULES = (
    Rule(
        "M3",
        "Machines, switches, CDUs and parts of rack-scale racks fit their rack and do not overlap",
        "rack units of site.yaml; heights of the catalogue",
        _units_collide,
    ),
    Rule(
        "M4",
        "Machines, switches, CDUs and parts of rack-scale racks are placed in a rack of the site",
        "racks of site.yaml",
        _rack_unknown,
    ),
    Rule(
        "M7",
        "Rack weight stays within the load limit of floor and rack",
        "racks[].weight_limit_kg of site.yaml against weights of the catalogue",
        _weight,
        (WEIGHTS,),
    ),
)
