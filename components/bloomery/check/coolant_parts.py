"""Rules C9 and C10: what the coolant touches and presses on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from bloomery.check.coolant_view import WATT, views
from bloomery.check.note import Severity
from bloomery.check.preconditions import LOOPS
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import LoopPlan, Plan

FORBIDDEN: Mapping[str, re.Pattern[str]] = {
    "aluminium": re.compile(r"\balumini?um\b"),
    "zinc": re.compile(r"\bzinc\b|\bgalvani[sz]ed\b"),
    "lead": re.compile(r"\blead\b(?!-free)"),
    "plain steel": re.compile(r"\b(plain|carbon|mild|black) steel\b|^steel$"),
    "PVC": re.compile(r"\bc?pvc\b"),
}
"""Wetted materials that are not allowed -> how people write them (MGX specification, 12)."""

COARSEST_UM = 50.0
"""Coarsest filter, micrometres: cold plates have channels not much wider."""


def _materials(plan: Plan) -> Iterator[Finding]:
    for loop in plan.cooling.loops:
        for material in loop.materials:
            for name, pattern in FORBIDDEN.items():
                if pattern.search(material.lower()):
                    yield Finding(
                        subject=loop.name,
                        value=f"wetted {material}",
                        limit=f"no {name}",
                        remedy="replace the part: it corrodes or contaminates the coolant",
                    )
        yield from _fluid(loop)
    yield from _two_loops(plan)


def _fluid(loop: LoopPlan) -> Iterator[Finding]:
    if loop.fluid not in loop.rated_fluids:
        yield Finding(
            subject=loop.name,
            value=f"filled with {loop.fluid}",
            limit=f"rated for {', '.join(loop.rated_fluids) or 'nothing'}",
            remedy="use a fluid that every part is rated for, or obtain the vendors' rating",
        )
    if loop.filter_um > COARSEST_UM:
        yield Finding(
            subject=loop.name,
            value=f"filter of {loop.filter_um:g} um",
            limit=f"{COARSEST_UM:g} um",
            margin=f"{COARSEST_UM - loop.filter_um:g} um",
            remedy="fit a finer filter",
        )


def _two_loops(plan: Plan) -> Iterator[Finding]:
    loops: dict[str, list[str]] = defaultdict(list)
    for loop in plan.cooling.loops:
        for rack in loop.racks:
            loops[rack.rack].append(loop.name)
    for name, names in loops.items():
        if len(names) > 1:
            yield Finding(
                subject=name,
                value=f"on {', '.join(names)}",
                limit="one loop, one fluid",
                margin=str(1 - len(names)),
                remedy="remove it from all loops but one",
            )


def _pressure(plan: Plan) -> Iterator[Finding]:
    for view in views(plan):
        loop = view.loop
        head = max((cdu.head_kpa for cdu in view.cdus), default=0.0)
        highest = loop.static_head_kpa + head
        if highest > loop.rated_kpa + WATT:
            yield Finding(
                subject=loop.name,
                value=f"{loop.static_head_kpa:.1f} kPa static + {head:.1f} kPa of the pumps",
                limit=f"{loop.rated_kpa:.1f} kPa, the lowest rating of a part",
                margin=f"{loop.rated_kpa - highest:.1f} kPa",
                remedy="lower the fill pressure, split the loop by height, or limit the pumps",
            )
        if loop.coupling_static_kpa and loop.static_head_kpa > loop.coupling_static_kpa:
            yield Finding(
                subject=loop.name,
                value=f"{loop.static_head_kpa:.1f} kPa static",
                limit=f"{loop.coupling_static_kpa:.1f} kPa to mate quick disconnects",
                margin=f"{loop.coupling_static_kpa - loop.static_head_kpa:.1f} kPa",
                remedy="lower the fill pressure, or trays cannot be swapped without draining",
                severity=Severity.WARNING,
            )


RULES = (
    Rule(
        "C9",
        "One fluid per loop, compatible with all its parts",
        "MGX specification, 12 (secondary source); filter 50 um, Lenovo LP2018 (secondary source)",
        _materials,
        (LOOPS,),
    ),
    Rule(
        "C10",
        "Pressure stays within the rating of every part",
        "MGX 5 bar working pressure, Lenovo 30 psi static at couplings (secondary source)",
        _pressure,
        (LOOPS,),
    ),
)
