"""NVLink switch trays and power shelves have units of their own; what stands there is found."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.check import Note, Severity, review
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import RackPartPlan
from bloomery.site import load

INVENTORIES = Path(__file__).parents[3] / "inventories"
TEXT = (INVENTORIES / "example-whole" / "site.yaml").read_text(encoding="utf-8")
ROWS = (INVENTORIES / "example-whole" / "machines.csv").read_text(encoding="utf-8")
UNITS = "    nvlink_units: [21..29]\n    shelf_units: [7..10, 38..41]\n"
assert UNITS in TEXT

THROUGH = re.sub(
    r",r01,(3[0-7]),", lambda found: f",r01,{int(found[1]) - 9},", ROWS
)  # upper trays of the first rack right on top of its lower ones
assert ",r01,28," in THROUGH

WHOLE = make_plan(load(INVENTORIES / "example-whole"))


def notes(folder: Path, text: str, rows: str = ROWS) -> list[Note]:
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    (folder / "machines.csv").write_text(rows, encoding="utf-8")
    return [note for note in review(make_plan(load(folder))) if note.id != "M9"]


def test_the_site_with_a_place_for_everything_passes(tmp_path: Path) -> None:
    assert notes(tmp_path, TEXT) == []


def test_compute_trays_through_the_slots_name_both(tmp_path: Path) -> None:
    """U21 to U28: eight trays, each over the switch tray of its unit, and with its port."""
    found = notes(tmp_path, TEXT, THROUGH)
    collide = [note for note in found if note.id == "M3"]
    assert [note.subject for note in collide] == [
        f"gb300-{number:03}, r01-nvlink-{at}" for at, number in enumerate(range(11, 19), start=1)
    ]
    assert collide[0].value == "U21 of r01 over U21"
    assert {note.severity for note in collide} == {Severity.ERROR}
    assert sum(note.id == "F1" for note in found) == len(collide)


def test_a_site_that_gives_no_units_is_told_so_once_for_racks_alike(tmp_path: Path) -> None:
    """And of the rack whose trays stand without a gap by itself: there they cannot be."""
    [apart, alike] = notes(tmp_path, TEXT.replace(UNITS, ""), THROUGH)
    missing = "no units for 9 NVLink switch trays and 8 power shelves of gb300-nvl72"
    assert (apart.id, apart.subject) == ("M8", "r01")
    assert apart.value == f"{missing}; its compute trays leave no unit free in U11-U28"
    assert (alike.subject, alike.value) == ("r02 and 6 more", missing)
    assert {apart.severity, alike.severity} == {Severity.WARNING}
    assert "nvlink_units and shelf_units" in alike.remedy


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("    nvlink_units: [21..29]\n", "no units for 9 NVLink switch trays of gb300-nvl72"),
        ("    shelf_units: [7..10, 38..41]\n", "no units for 8 power shelves of gb300-nvl72"),
    ],
)
def test_one_of_two_that_is_missing_is_named(tmp_path: Path, line: str, missing: str) -> None:
    [note] = notes(tmp_path, TEXT.replace(line, ""))
    assert (note.id, note.subject, note.value) == ("M8", "r01 and 7 more", missing)


def parts(change: Callable[[RackPartPlan], list[RackPartPlan]]) -> Plan:
    changed = tuple(made for part in WHOLE.metal.parts for made in change(part))
    return replace(WHOLE, metal=replace(WHOLE.metal, parts=changed))


def only(which: str, **values: object) -> Plan:
    return parts(lambda part: [replace(part, **values) if part.name == which else part])


def of(plan: Plan, rule: str) -> list[tuple[str, str]]:
    return [(note.subject, note.value) for note in review(plan) if note.id == rule]


def test_a_number_that_the_model_has_not_is_an_error() -> None:
    less = parts(lambda part: [] if part.name == "r02-shelf-8" else [part])
    assert of(less, "M8") == [("r02", "7 power shelves")]
    [note] = [note for note in review(less) if note.id == "M8"]
    assert (note.severity, note.margin) == (Severity.ERROR, "-1")


def test_parts_in_a_rack_without_trays_are_an_error() -> None:
    moved = parts(lambda part: [replace(part, rack="r09") if part.rack == "r02" else part])
    assert ("r09", "9 NVLink switch trays") in of(moved, "M8")
    assert ("r09", "8 power shelves") in of(moved, "M8")
    bare = replace(moved, metal=replace(moved.metal, nodes=()))
    assert ("r09", "8 power shelves") in of(bare, "M8")


@pytest.mark.parametrize(
    ("rule", "values", "subject", "value"),
    [
        ("M3", {"unit": 49}, "r01-shelf-8", "U49 of r01"),
        ("M4", {"rack": "r77"}, "r01-shelf-8", "rack r77"),
        ("M5", {"oob_address": "10.21.0.9"}, "r01-shelf-8 (out of band)", "10.21.0.9"),
        (
            "M2",
            {"oob_address": "10.20.1.11"},
            "gb300-001 (BMC), r01-shelf-8 (out of band)",
            "address 10.20.1.11 assigned 2 times",
        ),
        (
            "F4",
            {"oob_address": "10.20.1.176"},
            "r01-shelf-8 (out of band), oob-gpu-001 (out of band)",
            "address 10.20.1.176 assigned twice",
        ),
        ("F14", {"name": "other"}, "other", "0 cables in oob"),
    ],
)
def test_a_part_is_held_to_the_rules_of_its_place(
    rule: str, values: dict[str, object], subject: str, value: str
) -> None:
    assert (subject, value) in of(only("r01-shelf-8", **values), rule)
