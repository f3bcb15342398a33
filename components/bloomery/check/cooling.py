"""Rules C1 to C4: flow, return, hydraulics and approach of a coolant loop."""

from __future__ import annotations

from collections.abc import Iterator

from bloomery.catalogue.fluid import fluids
from bloomery.check.coolant_view import WATT, LoopView, views
from bloomery.check.note import Severity
from bloomery.check.preconditions import LOOPS
from bloomery.check.rule import Finding, Rule
from bloomery.plan.coolant import drop_kpa, flow_lpm, rise_k
from bloomery.plan.model import LoopPlan, Plan, RackFlow

RETURN_CEILING_C = 55.0
"""Warmest return a vendor's table is known to be designed by, °C (Lenovo, GB300 NVL72)."""

FLUID_SLACK = 0.02
"""Share by which a supplier's own figures may differ from published ones before it is odd."""

KELVIN = 0.05
"""Slack of computed temperatures, K: below what any sensor of a loop resolves."""


def _flow(plan: Plan) -> Iterator[Finding]:
    for view in views(plan):
        yield from _odd_fluid(view.loop)
        for rack in view.loop.racks:
            yield from _rack_flow(view, rack)


def _rack_flow(view: LoopView, rack: RackFlow) -> Iterator[Finding]:
    heat, loop = view.heat_kw[rack.rack], view.loop
    if not heat:
        yield Finding(
            subject=f"{rack.rack} on {loop.name}",
            value="no heat to liquid" if heat is not None else "heat to liquid unknown",
            limit="a liquid share for every model in the rack",
            remedy=f"give liquid_share of its pool, or remove {rack.rack} from {loop.name}",
        )
        return
    room = loop.return_limit_c - loop.supply_c
    if room <= 0:
        return  # C2 says that no flow helps
    needed = flow_lpm(heat, loop.density_kg_l, loop.heat_capacity_kj_kgk, room)
    if rack.flow_lpm < needed - WATT:
        yield Finding(
            subject=f"{rack.rack} on {loop.name}",
            value=f"{rack.flow_lpm:.1f} L/min for {heat:.1f} kW",
            limit=f"at least {needed:.1f} L/min",
            margin=f"{rack.flow_lpm - needed:.1f} L/min",
            remedy="recalculate the flow from the heat of its models",
        )


def _odd_fluid(loop: LoopPlan) -> Iterator[Finding]:
    known = fluids().get(loop.fluid)
    mean = (loop.supply_c + loop.return_c) / 2
    if known is None or not known.lowest_c <= mean <= known.highest_c:
        return
    published = known.density_kg_l.at(mean) * known.heat_capacity_kj_kgk.at(mean)
    told = loop.density_kg_l * loop.heat_capacity_kj_kgk
    if abs(told / published - 1) > FLUID_SLACK:
        yield Finding(
            subject=loop.name,
            value=f"{told:.3f} kJ/(L K) of {loop.fluid}",
            limit=f"{published:.3f} kJ/(L K) at {mean:g} °C, within {FLUID_SLACK:.0%}",
            margin=f"{told / published - 1:+.1%}",
            remedy="correct density_kg_l and heat_capacity_kj_kgk from the supplier's data sheet",
            severity=Severity.WARNING,
        )


def _return(plan: Plan) -> Iterator[Finding]:
    for view in views(plan):
        loop = view.loop
        if loop.supply_c >= loop.return_limit_c:
            yield Finding(
                subject=loop.name,
                value=f"supply {loop.supply_c:g} °C",
                limit=f"below the return limit of {loop.return_limit_c:g} °C",
                margin=f"{loop.return_limit_c - loop.supply_c:g} K",
                remedy="lower supply_c: heat transfer needs a temperature rise",
            )
            continue
        if loop.return_limit_c > RETURN_CEILING_C:
            yield Finding(
                subject=loop.name,
                value=f"return_limit_c {loop.return_limit_c:g} °C",
                limit=f"{RETURN_CEILING_C:g} °C, the vendor's design limit",
                margin=f"{RETURN_CEILING_C - loop.return_limit_c:g} K",
                remedy="have the vendor of the machines confirm the limit in writing",
                severity=Severity.WARNING,
            )
        for rack in loop.racks:
            yield from _rack_return(view, rack)


def _rack_return(view: LoopView, rack: RackFlow) -> Iterator[Finding]:
    loop, heat = view.loop, view.heat_kw[rack.rack] or 0.0
    rise = rise_k(heat, loop.density_kg_l, loop.heat_capacity_kj_kgk, rack.flow_lpm)
    back = max(loop.supply_c + rise, rack.return_c)
    if back > loop.return_limit_c + KELVIN:
        yield Finding(
            subject=f"{rack.rack} on {loop.name}",
            value=f"return {back:.1f} °C at peak",
            limit=f"{loop.return_limit_c:g} °C",
            margin=f"{loop.return_limit_c - back:.1f} K",
            remedy="raise its flow or lower supply_c",
        )


def _hydraulics(plan: Plan) -> Iterator[Finding]:
    for view in views(plan):
        for rack in view.loop.racks:
            yield from _rack_limit(view.loop, rack)
        yield from _pump(view)


def _rack_limit(loop: LoopPlan, rack: RackFlow) -> Iterator[Finding]:
    known = rack.flow_limit_lpm > 0
    if known and rack.flow_lpm <= rack.flow_limit_lpm + WATT:
        return
    spare = rack.flow_limit_lpm - rack.flow_lpm
    yield Finding(
        subject=f"{rack.rack} on {loop.name}",
        value=f"{rack.flow_lpm:.1f} L/min",
        limit=f"{rack.flow_limit_lpm:.1f} L/min" if known else "the rack's maximum is not given",
        margin=f"{spare:.1f} L/min" if known else "",
        remedy="lower supply_c, or raise return_c: less flow carries the same heat"
        if known
        else "give rack_path.flow_limit_lpm from the specification of the rack",
        severity=Severity.ERROR if known else Severity.WARNING,
    )


def _pump(view: LoopView) -> Iterator[Finding]:
    loop, flow = view.loop, view.flow_lpm
    there = sum(cdu.flow_limit_lpm for cdu in view.cdus)
    if flow > there + WATT:
        yield Finding(
            subject=loop.name,
            value=f"{flow:.1f} L/min of {len(loop.racks)} racks",
            limit=f"{there:.1f} L/min of {len(view.cdus)} CDUs",
            margin=f"{there - flow:.1f} L/min",
            remedy="add a CDU, or lower supply_c so that less flow carries the heat",
        )
    needed = _drop(loop, flow)
    head = min((cdu.head_kpa for cdu in view.cdus), default=0.0)
    if needed > head + WATT:
        yield Finding(
            subject=loop.name,
            value=f"{needed:.1f} kPa at {flow:.1f} L/min",
            limit=f"{head:.1f} kPa, the lowest head of its CDUs",
            margin=f"{head - needed:.1f} kPa",
            remedy="reduce the flow (pressure drop grows with its square),"
            " use wider pipes or stronger pumps",
        )


def _drop(loop: LoopPlan, flow: float) -> float:
    """Pressure of pipework and of the rack that takes most, kPa."""
    pipes = drop_kpa(loop.pipe_drop_kpa, loop.pipe_drop_lpm, flow) if loop.pipe_drop_lpm else 0.0
    worst = max((rack.flow_lpm for rack in loop.racks), default=0.0)
    racks = drop_kpa(loop.rack_drop_kpa, loop.rack_drop_lpm, worst) if loop.rack_drop_lpm else 0.0
    return pipes + racks


def _approach(plan: Plan) -> Iterator[Finding]:
    for view in views(plan):
        loop = view.loop
        approach = max((cdu.approach_k for cdu in view.cdus), default=loop.approach_k)
        coldest = loop.facility_supply_c + approach
        if coldest > loop.supply_c + WATT:
            yield Finding(
                subject=loop.name,
                value=f"supply {loop.supply_c:g} °C",
                limit=f"at least {loop.facility_supply_c:g} °C + {approach:g} K = {coldest:g} °C",
                margin=f"{loop.supply_c - coldest:g} K",
                remedy="raise supply_c, or provide colder facility water or larger exchangers",
            )
        if loop.supply_c > loop.supply_limit_c:
            yield Finding(
                subject=loop.name,
                value=f"supply {loop.supply_c:g} °C",
                limit=f"{loop.supply_limit_c:g} °C, the class of the machines",
                margin=f"{loop.supply_limit_c - loop.supply_c:g} K",
                remedy="lower supply_c",
            )
        if loop.facility_limit_c and loop.facility_supply_c > loop.facility_limit_c:
            yield Finding(
                subject=loop.name,
                value=f"facility water {loop.facility_supply_c:g} °C",
                limit=f"{loop.facility_limit_c:g} °C, its class",
                margin=f"{loop.facility_limit_c - loop.facility_supply_c:g} K",
                remedy="order a warmer class, or colder water",
            )


RULES = (
    Rule(
        "C1",
        "The flow of every rack covers its heat",
        "energy balance F = 60 Q / (rho cp dT); Airedale, Glycol Design Data",
        _flow,
        (LOOPS,),
    ),
    Rule(
        "C2",
        "The return temperature at peak stays within its limit",
        "Lenovo GB300 NVL72 flow table: five supplies, one return of 55 °C",
        _return,
        (LOOPS,),
    ),
    Rule(
        "C3",
        "Flow and pressure stay within the limits of racks and CDUs",
        "affinity laws: pressure goes with the square of flow; limits of site.yaml",
        _hydraulics,
        (LOOPS,),
    ),
    Rule(
        "C4",
        "Facility water plus CDU approach allows the supply setpoint",
        "ASHRAE facility water classes; approach of the CDU's exchanger",
        _approach,
        (LOOPS,),
    ),
)
