"""Loops, CDUs, flows."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from bloomery.catalogue.fluid import fluid
from bloomery.plan.cdu import ordered_cdus, plan_cdu
from bloomery.plan.coolant import flow_lpm
from bloomery.plan.model import CduPlan, CoolingPlan, LoopPlan, MetalPlan, RackFlow, RackPlan
from bloomery.site import Site
from bloomery.site.cooling.sheet import CLASS_C, COLDEST_C, FacilityWater, Loop
from bloomery.site.types.name_range import expand_all


class _Facility(TypedDict, total=False):
    """Fields of a loop that facility water fills."""

    facility_water: str
    facility_supply_min_c: float
    facility_limit_c: float
    facility_insulated: bool


@dataclass(frozen=True)
class _Cold:
    """What a loop gives its heat to."""

    warmest_c: float
    water: FacilityWater | None
    """``None`` where the air of the hall takes it."""


def plan_cooling(site: Site, metal: MetalPlan) -> CoolingPlan:
    """Coolant of ``site``; empty where everything is cooled by air."""
    if site.cooling is None:
        return CoolingPlan()
    racks = {rack.name: rack for rack in metal.racks}
    cold = {loop.name: _cold(site, loop, metal, racks) for loop in site.cooling.loops}
    cdus = tuple(
        plan_cdu(loop, order, name, cold[loop.name].warmest_c)
        for loop, order, name in ordered_cdus(site)
    )
    of_loop: dict[str, list[CduPlan]] = defaultdict(list)
    for cdu in cdus:
        of_loop[cdu.loop].append(cdu)
    loops = sorted(site.cooling.loops, key=lambda loop: loop.name)
    return CoolingPlan(
        loops=tuple(
            _loop(site, loop, cold[loop.name], racks, of_loop[loop.name]) for loop in loops
        ),
        cdus=cdus,
    )


def loop_water(site: Site, loop: Loop) -> FacilityWater | None:
    """The facility water of ``loop``: the one it names, or the only one there is."""
    waters = site.cooling.facility_water if site.cooling else ()
    if loop.facility_water is not None:
        return next(water for water in waters if water.name == loop.facility_water)
    return waters[0] if len(waters) == 1 else None


def _cold(site: Site, loop: Loop, metal: MetalPlan, racks: Mapping[str, RackPlan]) -> _Cold:
    water = None if loop.air_cooled else loop_water(site, loop)
    if water is not None:
        return _Cold(water.supply_max_c, water)
    halls = {racks[name].hall for name in expand_all(loop.racks)}
    warmest = [hall.temperature_max_c for hall in metal.halls if hall.name in halls]
    # Air nobody measured cools nothing: the approach is then none, and rule C4 says so.
    return _Cold(max(warmest, default=loop.supply_c), None)


def _loop(
    site: Site, loop: Loop, cold: _Cold, racks: Mapping[str, RackPlan], cdus: Sequence[CduPlan]
) -> LoopPlan:
    density, heat_capacity = coolant_figures(loop)
    names = sorted(expand_all(loop.racks), key=lambda name: (site.rack_number(name), name))
    flows = tuple(_rack(loop, racks[name], density, heat_capacity) for name in names)
    return LoopPlan(
        name=loop.name,
        fluid=loop.fluid,
        density_kg_l=density,
        heat_capacity_kj_kgk=heat_capacity,
        supply_c=loop.supply_c,
        supply_min_c=loop.supply_min_c,
        return_limit_c=loop.return_limit_c,
        volume_l=loop.volume_l,
        heat_kw=round(math.fsum(rack.heat_kw for rack in flows), 3),
        flow_lpm=round(math.fsum(rack.flow_lpm for rack in flows), 3),
        approach_k=max(cdu.approach_k for cdu in cdus),
        facility_supply_c=cold.warmest_c,
        static_head_kpa=loop.pressures.static_kpa,
        rated_kpa=loop.pressures.rated_kpa,
        detect_s=loop.response.detect_s,
        decide_s=loop.response.decide_s,
        power_off_s=loop.response.power_off_s,
        filter_um=loop.filter_um,
        materials=tuple(sorted(loop.materials)),
        racks=flows,
        cdus=tuple(cdu.name for cdu in cdus),
        supply_limit_c=loop.supply_limit_c,
        return_c=loop.planned_return_c,
        rated_fluids=tuple(sorted(loop.rated_fluids)),
        rack_drop_kpa=loop.rack_path.drop_kpa,
        rack_drop_lpm=loop.rack_path.drop_lpm,
        rack_volume_l=loop.rack_path.volume_l or 0.0,
        pipe_drop_kpa=loop.pressures.pipe_drop_kpa,
        pipe_drop_lpm=loop.pressures.pipe_drop_lpm,
        coupling_static_kpa=loop.pressures.coupling_static_kpa,
        flow_loss=loop.response.flow_loss,
        **_facility(cold.water),
    )


def _facility(water: FacilityWater | None) -> _Facility:
    if water is None:
        return {}
    coldest = COLDEST_C if water.supply_min_c is None else water.supply_min_c
    return {
        "facility_water": water.name,
        "facility_supply_min_c": coldest,
        "facility_limit_c": CLASS_C.get(water.water_class, 0.0),
        "facility_insulated": water.insulated,
    }


def coolant_figures(loop: Loop) -> tuple[float, float]:
    """Density (kg/L) and specific heat (kJ/(kg K)) at the mean of supply and planned return."""
    mean = (loop.supply_c + loop.planned_return_c) / 2
    found = fluid(loop.fluid)
    density = loop.density_kg_l or found.density_kg_l.at(mean)
    heat = loop.heat_capacity_kj_kgk or found.heat_capacity_kj_kgk.at(mean)
    return round(density, 5), round(heat, 5)


def _rack(loop: Loop, rack: RackPlan, density: float, heat_capacity: float) -> RackFlow:
    rise = loop.planned_return_c - loop.supply_c
    leaks = loop.leaks
    return RackFlow(
        rack=rack.name,
        heat_kw=rack.liquid_kw,
        flow_lpm=round(flow_lpm(rack.liquid_kw, density, heat_capacity, rise), 3),
        flow_limit_lpm=loop.rack_path.flow_limit_lpm or 0.0,
        return_c=loop.planned_return_c if rack.liquid_kw else loop.supply_c,
        valve=leaks.valves.get(rack.name, leaks.valve),
        rack_detector=f"{rack.name}-leak" if leaks.rack_sensor else "",
        tray_detectors=tuple(
            f"{node}-leak-{number}"
            for node in rack.nodes
            for number in range(1, leaks.tray_detectors + 1)
        ),
        bms_name=leaks.bms_names.get(rack.name, rack.name),
    )
