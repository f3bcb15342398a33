"""Rules C1 to C10 pass on eight GB300 racks, and each fires on the change it is there for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bloomery.check import RULES, Note, Severity, review
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import CduPlan, LoopPlan, RackFlow, SourcePlan
from bloomery.site import load

GB300 = make_plan(load(Path(__file__).parents[3] / "inventories" / "example-gb300"))
LAB = make_plan(load(Path(__file__).parents[3] / "inventories" / "lab"))
IDS = {f"C{number}" for number in range(1, 11)}

Change = Callable[[Plan], Plan]


def notes(plan: Plan) -> list[Note]:
    return [note for note in review(plan) if note.id in IDS]


def loop(**values: object) -> Change:
    def changed(plan: Plan) -> Plan:
        loops = tuple(replace(it, **values) for it in plan.cooling.loops)
        return replace(plan, cooling=replace(plan.cooling, loops=loops))

    return changed


def racks(how: Callable[[RackFlow], RackFlow]) -> Change:
    def changed(plan: Plan) -> Plan:
        found: LoopPlan = plan.cooling.loops[0]
        return loop(racks=tuple(how(rack) for rack in found.racks))(plan)

    return changed


def rack(name: str = "r03", **values: object) -> Change:
    return racks(lambda it: replace(it, **values) if it.rack == name else it)


def cdus(*names: str, **values: object) -> Change:
    """Change the CDUs called so; all where none is named."""

    def changed(plan: Plan) -> Plan:
        found = tuple(
            replace(it, **values) if it.name in names or not names else it
            for it in plan.cooling.cdus
        )
        return replace(plan, cooling=replace(plan.cooling, cdus=found))

    return changed


def without(*names: str) -> Change:
    def changed(plan: Plan) -> Plan:
        kept = tuple(it for it in plan.cooling.cdus if it.name not in names)
        return replace(plan, cooling=replace(plan.cooling, cdus=kept))

    return changed


def metal(**values: object) -> Change:
    return lambda plan: replace(plan, metal=replace(plan.metal, **values))


def hall(**values: object) -> Change:
    return metal(halls=tuple(replace(it, **values) for it in GB300.metal.halls))


def models(**values: object) -> Change:
    return metal(models=tuple(replace(it, **values) for it in GB300.metal.models))


def sided(**sides: str) -> Change:
    """Sources of these names on these sides."""
    one = SourcePlan("", "ups", "", "", 1000.0, 0.0, 0.0, 0.0, True)
    return metal(sources=tuple(replace(one, name=name, side=side) for name, side in sides.items()))


def both(*changes: Change) -> Change:
    def changed(plan: Plan) -> Plan:
        for change in changes:
            plan = change(plan)
        return plan

    return changed


@dataclass(frozen=True)
class Case:
    rule: str
    change: Change
    subject: str
    value: str
    severity: Severity = Severity.ERROR
    margin: str = ""


WARN = Severity.WARNING
SECOND = replace(GB300.cooling.loops[0], name="tcs-2", racks=GB300.cooling.loops[0].racks[:1])

CASES = [
    Case("C1", rack(flow_lpm=90.0), "r03 on tcs", "90.0 L/min for 139.5 kW"),
    Case("C1", models(peak_kw=15.0), "r01 on tcs", "for 243.0 kW"),
    Case("C1", models(liquid_share=0.0), "r01 on tcs", "no heat to liquid"),
    Case("C1", metal(models=()), "r01 on tcs", "heat to liquid unknown"),
    Case("C1", loop(density_kg_l=2.0), "tcs", "kJ/(L K) of pg25", WARN, "+97.4%"),
    Case("C2", rack(flow_lpm=90.0), "r03 on tcs", "return 58.2 °C", margin="-3.2 K"),
    Case("C2", rack(flow_lpm=0.0), "r03 on tcs", "return inf °C"),
    Case("C2", rack(return_c=56.0), "r03 on tcs", "return 56.0 °C", margin="-1.0 K"),
    Case("C2", loop(supply_c=55.0), "tcs", "supply 55 °C", margin="0 K"),
    Case("C2", loop(return_limit_c=60.0), "tcs", "return_limit_c 60 °C", WARN, "-5 K"),
    Case("C3", rack(flow_limit_lpm=130.0), "r03 on tcs", "138.9 L/min", margin="-8.9 L/min"),
    Case("C3", rack(flow_limit_lpm=0.0), "r03 on tcs", "138.9 L/min", WARN),
    Case("C3", cdus(flow_limit_lpm=500.0), "tcs", "1111.5 L/min of 8 racks", margin="-111.5"),
    Case("C3", cdus("cdu-2", head_kpa=150.0), "tcs", "kPa at 1111.5 L/min", margin="-"),
    Case("C4", loop(facility_supply_c=31.0), "tcs", "supply 35 °C", margin="-1 K"),
    Case("C4", cdus("cdu-1", approach_k=7.0), "tcs", "supply 35 °C", margin="-1 K"),
    Case("C4", loop(supply_limit_c=32.0), "tcs", "supply 35 °C", margin="-3 K"),
    Case("C4", loop(facility_limit_c=27.0), "tcs", "facility water 29 °C", margin="-2 K"),
    Case("C5", without("cdu-2"), "tcs without CDU cdu-1", "0.0 kW remaining", margin="-1116.0 kW"),
    Case("C5", without("cdu-1", "cdu-2"), "tcs", "no CDU"),
    Case("C5", cdus(rated_kw=1100.0), "tcs without CDU cdu-1", "1100.0 kW remaining"),
    Case("C5", cdus(flow_limit_lpm=1000.0), "tcs without CDU cdu-1", "1000.0 L/min remaining"),
    Case("C5", loop(facility_supply_c=31.0), "tcs without CDU cdu-1", "1040.0 kW remaining"),
    Case(
        "C5",
        both(cdus(rated_kw=700.0), cdus("cdu-1", pumps=1)),
        "tcs without a pump of cdu-1",
        "700.0 kW remaining",
    ),
    Case(
        "C5",
        both(cdus(rated_kw=700.0), cdus("cdu-1", pumps=2, pumps_needed=2)),
        "tcs without a pump of cdu-1",
        "1050.0 kW remaining",
    ),
    Case("C5", cdus(feeds=("ups-a",)), "tcs without feed ups-a", "0.0 kW remaining"),
    Case("C5", cdus(feeds=()), "tcs without any feed", "0.0 kW remaining"),
    Case(
        "C5",
        both(sided(p1="A", p2="A"), cdus(feeds=("p1", "p2"))),
        "tcs without side A",
        "0.0 kW remaining",
    ),
    Case("C6", loop(supply_min_c=20.0), "tcs in hall-1", "coldest supply 20 °C", margin="-0.6 K"),
    Case("C6", hall(humidity_max_percent=95.0), "tcs in hall-1", "30 °C", WARN, "1.9 K"),
    Case("C6", hall(temperature_max_c=40.0), "tcs in hall-1", "30 °C", margin="-2.8 K"),
    Case("C6", metal(halls=()), "tcs", "not given"),
    Case(
        "C6",
        loop(facility_insulated=False, facility_supply_min_c=17.0),
        "facility water fws in hall-1",
        "uninsulated pipes at 17 °C",
        WARN,
        "-1.6 K",
    ),
    Case("C7", loop(volume_l=500.0), "tcs, facility water lost", "9 s", margin="-17 s"),
    Case("C7", loop(detect_s=60.0), "tcs, facility water lost", "until", margin="-38 s"),
    Case("C7", loop(decide_s=60.0), "tcs, facility water lost", "until"),
    Case("C7", loop(power_off_s=60.0), "tcs, facility water lost", "until"),
    Case("C7", loop(return_limit_c=50.0), "tcs, facility water lost", "0 s"),
    Case("C7", loop(flow_loss="agent"), "tcs, flow lost", "2 s", margin="-24 s"),
    Case("C7", loop(flow_loss="agent", rack_volume_l=0.0), "tcs, flow lost", "not given"),
    Case("C8", rack(rack_detector=""), "r03 on tcs", "no rack leak sensor"),
    Case("C8", rack(tray_detectors=()), "r03 on tcs", "18 trays without", margin="-18"),
    Case("C8", rack(valve="none"), "r03 on tcs", "valve none"),
    Case("C8", rack(bms_name="ROW1-03"), "r03 on tcs", "ROW1-03"),
    Case("C8", rack(rack_detector="r01-leak"), "r01-leak", "assigned 2 times"),
    Case("C8", loop(racks=GB300.cooling.loops[0].racks[1:]), "r01", "139.5 kW to liquid"),
    Case("C9", loop(materials=("copper", "Aluminum")), "tcs", "wetted Aluminum"),
    Case("C9", loop(materials=("galvanised pipe",)), "tcs", "wetted galvanised"),
    Case("C9", loop(materials=("carbon steel",)), "tcs", "wetted carbon steel"),
    Case("C9", loop(materials=("lead solder",)), "tcs", "wetted lead"),
    Case("C9", loop(materials=("CPVC",)), "tcs", "wetted CPVC"),
    Case("C9", loop(rated_fluids=("water",)), "tcs", "filled with pg25"),
    Case("C9", loop(filter_um=100.0), "tcs", "filter of 100 um", margin="-50 um"),
    Case(
        "C9",
        lambda plan: replace(
            plan, cooling=replace(plan.cooling, loops=(*plan.cooling.loops, SECOND))
        ),
        "r01",
        "on tcs, tcs-2",
    ),
    Case("C10", loop(rated_kpa=360.0), "tcs", "150.0 kPa static", margin="-10.0 kPa"),
    Case("C10", cdus("cdu-1", head_kpa=400.0), "tcs", "400.0 kPa of the pumps"),
    Case("C10", loop(static_head_kpa=210.0), "tcs", "210.0 kPa static", WARN, "-3.2 kPa"),
]


def test_the_example_passes() -> None:
    assert notes(GB300) == []


def test_a_site_cooled_by_air_has_nothing_to_say() -> None:
    assert notes(LAB) == []


def test_every_rule_has_a_failing_case() -> None:
    assert {case.rule for case in CASES} == IDS
    assert {rule.id for rule in RULES} >= IDS


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.value}")
def test_failing(case: Case) -> None:
    found = [note for note in notes(case.change(GB300)) if note.id == case.rule]
    hits = [note for note in found if note.subject == case.subject and case.value in note.value]
    assert hits, found
    assert hits[0].severity is case.severity
    assert hits[0].margin.startswith(case.margin)
    assert hits[0].source
    assert hits[0].remedy
    assert hits[0].limit


def test_other_racks_are_left_in_peace() -> None:
    for case in CASES:
        if case.subject == "r03 on tcs":
            named = {note.subject for note in notes(case.change(GB300)) if note.id == case.rule}
            assert not {name for name in named if name[0] == "r" and name[:3] != "r03"}


def test_hpe_eight_racks_at_peak_have_a_spare_cdu() -> None:
    """Two units of 1.3 MW carry 8 x 155 kW x 0.9 = 1116 kW with one of them out."""
    [tcs] = GB300.cooling.loops
    assert tcs.heat_kw == pytest.approx(1116, abs=0.01)
    assert {cdu.capacity_kw for cdu in GB300.cooling.cdus} == {1300}
    assert [it.subject for it in notes(without("cdu-2")(GB300)) if it.id == "C5"]


def test_stainless_and_lead_free_are_fine() -> None:
    plan = loop(materials=("stainless steel", "lead-free brass", "EPDM", "PTFE"))(GB300)
    assert notes(plan) == []


def test_one_cdu_fed_from_two_sides_survives_either() -> None:
    plan = both(sided(p1="A", p2="B"), cdus(feeds=("p1", "p2")))(GB300)
    assert notes(plan) == []


def test_cdus_on_different_sides_cover_for_each_other() -> None:
    plan = both(cdus("cdu-1", feeds=("ups-a",)), cdus("cdu-2", feeds=("ups-b",)))(GB300)
    assert notes(plan) == []


def test_a_capacity_the_plan_invents_is_not_believed() -> None:
    found = notes(both(cdus(rated_kw=500.0), cdus(capacity_kw=5000.0))(GB300))
    assert {note.id for note in found} == {"C5"}


def test_heat_the_plan_understates_is_not_believed() -> None:
    light = racks(lambda it: replace(it, heat_kw=1.0, flow_lpm=1.0))
    assert {"C1", "C2"} <= {note.id for note in notes(light(GB300))}


def test_the_weakest_cdu_sets_the_head() -> None:
    strong: CduPlan = GB300.cooling.cdus[0]
    assert notes(cdus("cdu-1", head_kpa=strong.head_kpa + 50)(GB300)) == []
