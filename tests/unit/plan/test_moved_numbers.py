"""Rack numbers that would move under running machines: found, and told with what keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.plan import Plan, make_plan
from bloomery.plan.impact import impact
from bloomery.plan.impact_words import impact_lines
from bloomery.plan.moved_numbers import MovedNumber, moved_numbers, remedies
from bloomery.site import load

HALL = Path(__file__).parents[2] / "golden" / "hall"

A_ROW = "  - {name: A01..A02, units: 48"


@pytest.fixture(scope="module")
def before() -> Plan:
    return make_plan(load(HALL))


def changed(folder: Path, old: str, new: str) -> Plan:
    sheet = (HALL / "site.yaml").read_text()
    assert old in sheet
    (folder / "site.yaml").write_text(sheet.replace(old, new))
    (folder / "machines.csv").write_text((HALL / "machines.csv").read_text())
    return make_plan(load(folder))


def moves(before: Plan, after: Plan) -> Sequence[tuple[str, int, int]]:
    return [(one.rack, one.before, one.after) for one in moved_numbers(before, after)]


def test_a_rack_in_the_middle_moves_what_has_no_number(before: Plan, tmp_path: Path) -> None:
    after = changed(
        tmp_path,
        "  - {name: dh1-a-09,",
        "  - {name: B03, units: 48, power_kw: 32, row: B, place: 3}\n  - {name: dh1-a-09,",
    )
    assert moves(before, after) == [("dh1-a-09", 53, 54), ("C32-L", 54, 55)]
    assert impact(before, after).keep_numbers == (
        "number: 53 on dh1-a-09",
        "number: 54 on C32-L",
    )
    told = "\n".join(impact_lines(impact(before, after)))
    assert "REFUSED: addresses of running devices follow rack numbers: dh1-a-09 53 -> 54" in told
    assert "write number: 53 on dh1-a-09" in told


def test_row_b_has_numbers_of_its_own_so_row_a_may_grow(before: Plan, tmp_path: Path) -> None:
    after = changed(tmp_path, A_ROW, A_ROW.replace("A02", "A16"))
    assert moves(before, after) == []
    for node in before.metal.nodes:
        assert after.node(node.name) == node


def test_without_its_number_row_b_would_move(before: Plan, tmp_path: Path) -> None:
    after = changed(tmp_path, "B01..B02, number: 51", "B01..B02")
    # B02 is empty: nothing in it has an address.
    assert moves(before, after) == [("B01", 51, 3), ("dh1-a-09", 53, 5), ("C32-L", 54, 6)]
    assert impact(before, after).keep_numbers == (
        "number: 51 on B01",
        "number: 53 on dh1-a-09",
        "number: 54 on C32-L",
    )


def test_the_remedy_keeps_every_number(before: Plan, tmp_path: Path) -> None:
    sheet = (HALL / "site.yaml").read_text()
    sheet = sheet.replace("{name: dh1-a-09,", "{name: dh1-a-09, number: 53,")
    sheet = sheet.replace("{name: C32-L,", "{name: C32-L, number: 54,")
    b3 = "  - {name: B03, number: 60, units: 48, power_kw: 32, row: B, place: 3}\n"
    (tmp_path / "site.yaml").write_text(
        sheet.replace("  - {name: dh1-a-09", f"{b3}  - {{name: dh1-a-09")
    )
    (tmp_path / "machines.csv").write_text((HALL / "machines.csv").read_text())
    assert moves(before, make_plan(load(tmp_path))) == []


def test_a_span_is_kept_by_one_number() -> None:
    moved = [MovedNumber(f"B{at:02}", 16 + at, 18 + at) for at in range(1, 17)]
    moved += [MovedNumber("C01", 33, 35), MovedNumber("C02", 40, 36), MovedNumber("C04", 41, 37)]
    assert remedies(moved) == (
        "number: 17 on B01..B16",
        "number: 33 on C01",
        "number: 40 on C02",
        "number: 41 on C04",
    )


def test_machines_that_are_installed_anew_hold_no_number(before: Plan, tmp_path: Path) -> None:
    after = changed(tmp_path, "B01..B02, number: 51", "B01..B02, number: 41")
    assert [name for name, *_ in moves(before, after)] == ["B01", "dh1-a-09", "C32-L"]
    nodes = tuple(replace(node, install_generation=2) for node in after.metal.nodes)
    again = replace(after, metal=replace(after.metal, nodes=nodes))
    # The leaf in C32-L has its address out of band by it.
    assert [name for name, *_ in moves(before, again)] == ["C32-L"]


def test_the_first_plan_moves_nothing(before: Plan) -> None:
    assert impact(None, before).renumbered == ()
    assert moved_numbers(before, before) == ()


def test_a_plan_from_before_numbers_were_written_has_those_of_its_names() -> None:
    plan = make_plan(load(HALL.parent / "minimal"))
    (rack,) = plan.metal.racks
    assert (rack.name, rack.number, rack.stride) == ("r01", 0, 1)
    moved = replace(plan, metal=replace(plan.metal, racks=(replace(rack, number=7),)))
    assert moves(plan, moved) == [("r01", 1, 7)]
