"""NVLink switch trays and power shelves in the plan: names, places, addresses, cables, no power."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.plan import Plan, make_plan
from bloomery.plan.diff import diff
from bloomery.plan.draft_elevation import elevation, spans
from bloomery.plan.model import ModelPlan
from bloomery.site import Site, load

INVENTORIES = Path(__file__).parents[3] / "inventories"
SITE = load(INVENTORIES / "example-whole")
WHOLE = make_plan(SITE)


def without_units(site: Site) -> Plan:
    bare = (it.model_copy(update={"nvlink_units": (), "shelf_units": ()}) for it in site.racks)
    return make_plan(site.model_copy(update={"racks": tuple(bare)}))


def test_names_count_from_the_lowest_and_addresses_are_a_stride() -> None:
    first = {it.name: (it.kind, it.unit, it.oob_address) for it in WHOLE.metal.parts[:17]}
    assert first["r01-nvlink-1"] == ("nvlink", 21, "10.20.1.149")
    assert first["r01-nvlink-9"] == ("nvlink", 29, "10.20.1.157")
    assert first["r01-shelf-1"] == ("shelf", 7, "10.20.1.135")
    assert first["r01-shelf-5"] == ("shelf", 38, "10.20.1.166")
    assert len(WHOLE.metal.parts) == 8 * (9 + 8)


def test_a_rack_that_comes_or_goes_moves_no_part() -> None:
    kept = tuple(rack for rack in SITE.racks if rack.name != "r01")
    fewer = SITE.model_copy(update={"racks": kept, "fabric": None, "cooling": None})
    left = {part for part in WHOLE.metal.parts if part.rack != "r01"}
    assert set(make_plan(fewer).metal.parts) == left


def test_they_stand_in_the_rack_and_add_nothing_to_it() -> None:
    [with_, without] = [plan.metal.racks[0] for plan in (WHOLE, without_units(SITE))]
    added = [item for item in with_.items if item not in without.items]
    assert [(it.kind, it.unit) for it in added if it.kind == "nvlink"] == [
        ("nvlink", unit) for unit in range(21, 30)
    ]
    assert [it.unit for it in added if it.kind == "shelf"] == [7, 8, 9, 10, 38, 39, 40, 41]
    assert replace(with_, items=()) == replace(without, items=())
    assert WHOLE.metal.circuits == without_units(SITE).metal.circuits
    assert WHOLE.metal.sources == without_units(SITE).metal.sources


def test_each_has_its_port_out_of_band_by_unit() -> None:
    ends = {it.a_device: (it.a_port, it.b_device, it.b_port) for it in WHOLE.fabric.cables}
    assert ends["r01-nvlink-1"] == ("bmc", "oob-gpu-001", "p21")
    assert ends["r08-shelf-8"] == ("mgmt", "oob-gpu-008", "p41")
    before = {it.id for it in without_units(SITE).fabric.cables}
    assert {it.a_device for it in WHOLE.fabric.cables if it.id not in before} == {
        part.name for part in WHOLE.metal.parts
    }


def test_units_without_a_rack_scale_model_there_stay_empty() -> None:
    pools = tuple(
        it.model_copy(update={"model": "dgx-b200"}) if it.name == "gb300" else it
        for it in SITE.pools
    )
    assert make_plan(SITE.model_copy(update={"pools": pools})).metal.parts == ()


def test_a_diff_names_what_comes_and_what_moves() -> None:
    found = [it for it in diff(without_units(SITE), WHOLE).differences if it.kind == "part"]
    assert {it.what for it in found} == {"added"}
    assert len(found) == len(WHOLE.metal.parts)
    up = tuple(replace(it, unit=it.unit + 1) for it in WHOLE.metal.parts[:1])
    moved = replace(WHOLE, metal=replace(WHOLE.metal, parts=(*up, *WHOLE.metal.parts[1:])))
    [one] = [it for it in diff(WHOLE, moved).differences if it.kind == "part"]
    assert (one.name, one.what) == ("r01-nvlink-1", "moved")


def body(height: int = 1, **rack: int) -> ModelPlan:
    return ModelPlan("m", "m", "node", height, 1.0, 1.0, 0.0, **rack)


def test_a_draft_puts_the_trays_on_both_sides_of_the_switch_trays() -> None:
    found = elevation(body(trays=18, nvlink_trays=9, shelves=8), 18)
    assert spans(found.machines) == ["5..13", "23..31"]
    assert (spans(found.nvlink), spans(found.shelves)) == (["14..22"], ["1..4", "32..35"])
    assert found.height == 35


@pytest.mark.parametrize("rack", [(18, 9, 8), (9, 5, 3), (2, 0, 1), (1, 1, 0)])
def test_every_unit_of_a_draft_is_of_one_thing(rack: tuple[int, int, int]) -> None:
    trays, nvlink, shelves = rack
    found = elevation(body(2, trays=trays, nvlink_trays=nvlink, shelves=shelves), trays)
    both = [at for unit in found.machines for at in (unit, unit + 1)]
    assert sorted((*both, *found.nvlink, *found.shelves)) == list(range(1, found.height + 1))


def test_machines_of_a_draft_stand_on_top_of_each_other() -> None:
    assert elevation(body(10), 4).machines == (1, 11, 21, 31)
    assert spans((1, 3, 4)) == ["1", "3..4"]
