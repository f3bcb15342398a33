"""Loops and CDUs of a plan, on the example of eight GB300 racks and small changes of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bloomery.check import RULES, review
from bloomery.plan import Plan, make_plan
from bloomery.site import load

ROOT = Path(__file__).parents[3]
INVENTORY = ROOT / "inventories" / "example-gb300"
SITE = load(INVENTORY)
GB300 = make_plan(SITE)

Written = Callable[..., Plan]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """The plan of the example with pieces of its text replaced."""

    def make(*changes: tuple[str, str]) -> Plan:
        text = (INVENTORY / "site.yaml").read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
        rows = (INVENTORY / "machines.csv").read_text(encoding="utf-8")
        (tmp_path / "machines.csv").write_text(rows, encoding="utf-8")
        return make_plan(load(tmp_path))

    return make


def test_flow_and_heat_of_a_rack() -> None:
    """155 kW x 0.9 from 35 to 50 °C, by hand: PG25 at 42.5 °C is 1.01295 kg/L, 3.965 kJ/(kg K)."""
    [tcs] = GB300.cooling.loops
    first = tcs.racks[0]
    assert (tcs.density_kg_l, tcs.heat_capacity_kj_kgk) == (1.01295, 3.965)
    assert first.heat_kw == pytest.approx(139.5, abs=0.001)
    assert first.flow_lpm == pytest.approx(60 * 139.5 / (1.01295 * 3.965 * 15), abs=0.01)
    assert first.return_c == tcs.return_c == 50


def test_sums_of_the_loop() -> None:
    [tcs] = GB300.cooling.loops
    assert [rack.rack for rack in tcs.racks] == [f"r{number:02}" for number in range(1, 9)]
    assert tcs.flow_lpm == pytest.approx(math.fsum(rack.flow_lpm for rack in tcs.racks))
    assert tcs.heat_kw == pytest.approx(8 * 139.5, abs=0.01)
    assert tcs.cdus == ("cdu-1", "cdu-2")
    assert (tcs.approach_k, tcs.facility_supply_c, tcs.facility_limit_c) == (5, 29, 32)


def test_detectors_are_called_after_what_they_watch() -> None:
    first = GB300.cooling.loops[0].racks[0]
    assert first.rack_detector == "r01-leak"
    assert first.bms_name == "r01"
    assert len(first.tray_detectors) == 18 * 4
    assert first.tray_detectors[:5] == (
        "gb300-001-leak-1",
        "gb300-001-leak-2",
        "gb300-001-leak-3",
        "gb300-001-leak-4",
        "gb300-002-leak-1",
    )


def test_cdus_take_figures_of_catalogue_and_site() -> None:
    cdu = GB300.cooling.cdus[0]
    assert (cdu.rated_kw, cdu.approach_k, cdu.capacity_kw) == (1300, 5, 1300)
    assert (cdu.flow_limit_lpm, cdu.head_kpa, cdu.pumps, cdu.pumps_needed) == (1300, 220, 2, 1)
    assert cdu.feeds == ("ups-a", "ups-b")


def test_a_site_may_know_better_than_the_catalogue(written: Written) -> None:
    plan = written(
        ("          flow_lpm: 1300", "          capacity_kw: 1.5 MW\n          flow_lpm: 1300")
    )
    assert plan.cooling.cdus[0].rated_kw == 1500


def test_warm_facility_water_takes_capacity(written: Written) -> None:
    """Four of five kelvins are there: four fifths of the heat, and C4 and C5 say so."""
    plan = written(("supply_max_c: 29 °C", "supply_max_c: 31 °C"))
    assert plan.cooling.cdus[0].capacity_kw == pytest.approx(1040)
    assert {note.id for note in review(plan) if note.id[0] == "C"} == {"C4", "C5"}


def test_without_a_planned_return_there_is_no_time(written: Written) -> None:
    plan = written(("      return_c: 50 °C\n", ""), ("supply_c: 35 °C", "supply_c: 34 °C"))
    [tcs] = plan.cooling.loops
    assert tcs.return_c == tcs.return_limit_c == 55
    assert {note.id for note in review(plan) if note.id[0] == "C"} == {"C7"}


def test_a_suppliers_sheet_goes_over_the_catalogue(written: Written) -> None:
    sheet = "      density_kg_l: 1.01\n      heat_capacity_kj_kgk: 3.97\n      fluid: pg25\n"
    [tcs] = written(("      fluid: pg25\n", sheet)).cooling.loops
    assert (tcs.density_kg_l, tcs.heat_capacity_kj_kgk) == (1.01, 3.97)


def test_cdus_without_names_are_called_after_the_loop(written: Written) -> None:
    plan = written(("names: [cdu-1, cdu-2]", "count: 3"))
    assert [cdu.name for cdu in plan.cooling.cdus] == ["tcs-cdu-1", "tcs-cdu-2", "tcs-cdu-3"]


def test_more_cdus_leave_the_others_as_they_were(written: Written) -> None:
    two = written(("names: [cdu-1, cdu-2]", "count: 2")).cooling.cdus
    assert written(("names: [cdu-1, cdu-2]", "count: 5")).cooling.cdus[:2] == two


def test_a_rack_may_have_its_own_valve(written: Written) -> None:
    plan = written(("valve: agent\n", "valve: agent\n        valves: {r02: bms}\n"))
    valves = [rack.valve for rack in plan.cooling.loops[0].racks]
    assert valves == ["agent", "bms", *["agent"] * 6]


def test_order_in_the_file_means_nothing(written: Written) -> None:
    plan = written(
        ("racks: [r01..r08]", "racks: [r05..r08, r01..r04]"),
        ("names: [cdu-1, cdu-2]", "names: [cdu-2, cdu-1]"),
        ("feeds: [ups-a, ups-b]", "feeds: [ups-b, ups-a]"),
        ("[copper, stainless steel, EPDM, PTFE]", "[PTFE, EPDM, copper, stainless steel]"),
    )
    assert plan.cooling == GB300.cooling


def test_the_air_of_the_hall_can_take_the_heat(written: Written) -> None:
    """Liquid to air: 27 °C and an approach of 15 K need a supply of 42 °C."""
    plan = written(
        ("- model: row-1300kw", "- model: generic-air\n          capacity_kw: 1300 kW"),
        ("supply_c: 35 °C", "supply_c: 39 °C"),
    )
    [tcs] = plan.cooling.loops
    assert (tcs.facility_water, tcs.facility_supply_c, tcs.approach_k) == ("", 27, 15)
    assert plan.cooling.cdus[0].capacity_kw == pytest.approx(1300 * 12 / 15)
    assert {"C4", "C5"} <= {note.id for note in review(plan)}


def test_air_nobody_measured_cools_nothing(written: Written) -> None:
    text = (INVENTORY / "site.yaml").read_text(encoding="utf-8")
    halls = text[text.index("halls:") : text.index("racks:")]
    plan = written(
        (halls, ""),
        ("    hall: hall-1\n", ""),
        ("- model: row-1300kw", "- model: generic-air\n          capacity_kw: 1300 kW"),
    )
    assert plan.cooling.cdus[0].capacity_kw == 0
    assert {"C4", "C5", "C6"} <= {note.id for note in review(plan)}


def test_a_cdu_in_a_rack_takes_its_units(written: Written) -> None:
    plan = written(
        (
            "names: [cdu-1, cdu-2]",
            "names: [cdu-1]\n          rack: r01\n          unit: 44\n          height_u: 4",
        )
    )
    items = {item.name: item for item in plan.metal.racks[0].items}
    assert (items["cdu-1"].unit, items["cdu-1"].height) == (44, 4)
    assert plan.cooling.cdus[0].rack == "r01"


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_every_planned_flow_keeps_the_return(data: st.DataObject) -> None:
    """Whatever temperatures a loop is given, the planner's flow passes the rules on it."""
    supply = data.draw(st.floats(15, 40))
    back = data.draw(st.floats(supply + 1, min(55, 90 - supply)))
    assert SITE.cooling is not None
    [tcs] = SITE.cooling.loops
    warm = tcs.model_copy(update={"supply_c": supply, "return_c": back})
    cooling = SITE.cooling.model_copy(update={"loops": (warm,)})
    plan = make_plan(SITE.model_copy(update={"cooling": cooling}))
    rules = [rule for rule in RULES if rule.id in ("C1", "C2")]
    assert [note for rule in rules for note in rule.apply(plan)] == []
