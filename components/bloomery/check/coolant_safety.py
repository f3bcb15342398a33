"""Rules C6 to C8: condensation, ride-through, and leak detection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bloomery.check.coolant_view import LoopView, liquid_heat, views
from bloomery.check.note import Severity
from bloomery.check.preconditions import LIQUID, LOOPS
from bloomery.check.rule import Finding, Rule
from bloomery.plan.coolant import dew_point_c, rise_k, warming_s
from bloomery.plan.model import HallPlan, LoopPlan, Plan, RackFlow

DEW_MARGIN_K = 2.0
"""Coolant this far above the dew point at least, K."""

DEW_WARNING_K = 5.0
"""Coolant closer than this to the dew point gives a warning, K."""


def _dew_point(plan: Plan) -> Iterator[Finding]:
    halls = {hall.name: hall for hall in plan.metal.halls}
    stands = {rack.name: rack.hall for rack in plan.metal.racks}
    for loop in plan.cooling.loops:
        for name in sorted({stands.get(rack.rack, "") for rack in loop.racks}):
            hall = halls.get(name)
            if hall is None or hall.humidity_max_percent <= 0:
                yield Finding(
                    subject=loop.name,
                    value="temperature and humidity of its hall not given",
                    limit="temperature and humidity of their hall",
                    remedy="give halls with temperature_max_c and humidity_max_percent",
                )
                continue
            yield from _sweat(loop, hall)


def _sweat(loop: LoopPlan, hall: HallPlan) -> Iterator[Finding]:
    dew = dew_point_c(hall.temperature_max_c, hall.humidity_max_percent)
    margin = loop.supply_min_c - dew
    if margin < DEW_WARNING_K:
        yield Finding(
            subject=f"{loop.name} in {hall.name}",
            value=f"coldest supply {loop.supply_min_c:g} °C",
            limit=f"dew point {dew:.1f} °C + {DEW_MARGIN_K:g} K = {dew + DEW_MARGIN_K:.1f} °C",
            margin=f"{margin - DEW_MARGIN_K:.1f} K",
            remedy="raise supply_min_c, or lower the humidity of the hall",
            severity=Severity.ERROR if margin < DEW_MARGIN_K else Severity.WARNING,
        )
    if not loop.facility_insulated and loop.facility_supply_min_c < dew:
        yield Finding(
            subject=f"facility water {loop.facility_water} in {hall.name}",
            value=f"uninsulated pipes at {loop.facility_supply_min_c:g} °C",
            limit=f"dew point {dew:.1f} °C",
            margin=f"{loop.facility_supply_min_c - dew:.1f} K",
            remedy="insulate the pipes, or give supply_min_c if the water is never that cold",
            severity=Severity.WARNING,
        )


def _ride_through(plan: Plan) -> Iterator[Finding]:
    for view in views(plan):
        loop = view.loop
        budget = loop.detect_s + loop.decide_s + loop.power_off_s
        rise = rise_k(view.total_kw, loop.density_kg_l, loop.heat_capacity_kj_kgk, view.flow_lpm)
        room = loop.return_limit_c - loop.supply_c - rise
        # A return that is planned at the limit has no room; rounding must not make some.
        yield from _too_late(
            f"{loop.name}, facility water lost",
            warming_s(
                loop.volume_l, loop.density_kg_l, loop.heat_capacity_kj_kgk, room, view.total_kw
            ),
            budget,
            "lower return_c, increase volume_l, or shorten the response times (response)",
        )
        if loop.flow_loss != "hardware":
            yield from _flow_lost(view, room, budget)


def _flow_lost(view: LoopView, room: float, budget: float) -> Iterator[Finding]:
    loop = view.loop
    hottest = max((heat for heat in view.heat_kw.values() if heat), default=0.0)
    subject = f"{loop.name}, flow lost"
    if loop.rack_volume_l <= 0:
        yield Finding(
            subject=subject,
            value="coolant volume inside the trays not given",
            limit=f"{budget:g} s to detect, decide and power off",
            remedy="give rack_path.volume_l, or response.flow_loss: hardware",
        )
        return
    yield from _too_late(
        subject,
        warming_s(loop.rack_volume_l, loop.density_kg_l, loop.heat_capacity_kj_kgk, room, hottest),
        budget,
        "have the GPUs throttle in hardware first (response.flow_loss: hardware)",
    )


def _too_late(subject: str, there_s: float, budget_s: float, remedy: str) -> Iterator[Finding]:
    if there_s < budget_s:
        yield Finding(
            subject=subject,
            value=f"{there_s:.0f} s until the return limit",
            limit=f"{budget_s:g} s to detect, decide and power off",
            margin=f"{there_s - budget_s:.0f} s",
            remedy=remedy,
        )


def _coverage(plan: Plan) -> Iterator[Finding]:
    served = {rack.rack for loop in plan.cooling.loops for rack in loop.racks}
    for name, heat in liquid_heat(plan).items():
        if heat and name not in served:
            yield Finding(
                subject=name,
                value=f"{heat:.1f} kW to liquid, on no loop",
                limit="every rack with liquid heat is on a loop",
                remedy="add it to racks of a loop in cooling.loops",
            )
    nodes = {rack.name: rack.nodes for rack in plan.metal.racks}
    for loop in plan.cooling.loops:
        for rack in loop.racks:
            yield from _uncovered(loop, rack, nodes.get(rack.rack, ()))
    yield from _scopes(plan)


def _uncovered(loop: LoopPlan, rack: RackFlow, nodes: tuple[str, ...]) -> Iterator[Finding]:
    subject = f"{rack.rack} on {loop.name}"
    if not rack.rack_detector:
        yield Finding(
            subject=subject,
            value="no rack leak sensor",
            limit="at least 1",
            margin="-1",
            remedy="fit a rope or spot sensor and set leaks.rack_sensor",
        )
    watched = {detector.rpartition("-leak-")[0] for detector in rack.tray_detectors}
    bare = [node for node in nodes if node not in watched]
    if bare:
        yield Finding(
            subject=subject,
            value=f"{len(bare)} trays without a leak detector, first {bare[0]}",
            limit="at least 1 per tray",
            margin=str(-len(bare)),
            remedy="set leaks.tray_detectors to the number of detectors per machine",
        )
    if rack.valve not in ("agent", "bms"):
        yield Finding(
            subject=subject,
            value=f"valve {rack.valve}",
            limit="a valve that agent or bms can close",
            remedy="fit one: without it a single leak stops the whole loop",
        )
    if rack.bms_name != rack.rack:
        yield Finding(
            subject=subject,
            value=f"name in the facility system is {rack.bms_name!r}",
            limit="the same name in both systems",
            remedy="use one name in both systems: otherwise the wrong rack is isolated",
        )


def _scopes(plan: Plan) -> Iterator[Finding]:
    """Detectors that would act on more than one rack or tray."""
    count = Counter(
        detector
        for loop in plan.cooling.loops
        for rack in loop.racks
        for detector in (rack.rack_detector, *rack.tray_detectors)
        if detector
    )
    for detector, times in count.items():
        if times > 1:
            yield Finding(
                subject=detector,
                value=f"assigned {times} times",
                limit="one rack or tray per detector",
                margin=str(1 - times),
                remedy="give each detector a unique id",
            )


RULES = (
    Rule(
        "C6",
        "No condensation: coolant stays above the dew point",
        "Magnus formula (WMO guide No. 8); margin of 2 K required, 5 K advised, as alarms of a"
        " 150 kW CDU",
        _dew_point,
        (LOOPS,),
    ),
    Rule(
        "C7",
        "Ride-through: coolant absorbs the heat until machines are powered off",
        "t = V rho cp dT / Q for each fault; heat capacity of metal not counted;"
        " confirm by a commissioning test",
        _ride_through,
        (LOOPS,),
    ),
    Rule(
        "C8",
        "Every rack on a loop has leak detection and a remote valve",
        "NVIDIA Mission Control sensor levels: tray, rack, data centre; DSX rackLocationId",
        _coverage,
        (LIQUID,),
    ),
)
