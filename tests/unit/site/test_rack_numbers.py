"""Numbers of racks: written, of a plain name, or by the order in which racks are declared."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bloomery.site import load
from bloomery.site.metal.numbers import Declared, numbered
from bloomery.site.types.name_range import expand

BASE = Path(__file__).parents[2] / "wrong" / "base"


def numbers(*entries: tuple[str, int | None]) -> dict[str, int]:
    declared = [Declared(expand(name), number) for name, number in entries]
    return {one.name: one.number for one in numbered(declared)}


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        ([("r01..r03", None)], {"r01": 1, "r02": 2, "r03": 3}),
        ([("r16", None), ("r02", None)], {"r16": 16, "r02": 2}),
        ([("A01", None), ("B01", None)], {"A01": 1, "B01": 2}),
        ([("a01", None), ("b01", None)], {"a01": 1, "b01": 2}),
        ([("C32", None)], {"C32": 1}),
        ([("dh1-a-09..dh1-a-10", None)], {"dh1-a-09": 1, "dh1-a-10": 2}),
        ([("A01", None), ("B01..B02", 51), ("C01", None)],
         {"A01": 1, "B01": 51, "B02": 52, "C01": 53}),
        ([("r07", None), ("A01", None), ("r05", None)], {"r07": 7, "A01": 8, "r05": 5}),
        ([("r01", 9)], {"r01": 9}),
        ([("north", None), ("r01", None)], {"north": 1, "r01": 2}),
    ],
)  # fmt: skip
def test_numbers_follow_what_is_declared(
    entries: list[tuple[str, int | None]], wanted: dict[str, int]
) -> None:
    assert numbers(*entries) == wanted


HALL = st.lists(
    st.sampled_from([f"{row}{rack:02}" for row in ("A", "B", "dh1-a-", "r") for rack in range(9)]),
    unique=True,
    max_size=20,
)


@given(HALL, HALL)
def test_what_is_added_at_the_end_moves_nothing(racks: list[str], more: list[str]) -> None:
    before = numbers(*((name, None) for name in racks))
    added = [name for name in more if name not in before]
    after = numbers(*((name, None) for name in (*racks, *added)))
    assert {name: after[name] for name in before} == before
    assert len(set(after.values())) == len(after)


@given(HALL, st.randoms(use_true_random=False))
def test_written_numbers_hold_wherever_a_rack_is_inserted(
    racks: list[str], random: st.DataObject
) -> None:
    before = {name: 20 + at for at, name in enumerate(racks)}
    entries = [*before.items(), *((f"Z{at:02}", 500 + at) for at in range(4))]
    random.shuffle(entries)  # type: ignore[attr-defined]
    after = numbers(*entries)
    assert {name: after[name] for name in before} == before


def test_a_site_knows_the_number_of_each_rack(tmp_path: Path) -> None:
    sheet = (BASE / "site.yaml").read_text()
    sheet = sheet.replace("racks:\n", "racks:\n  - {name: A01..A02, units: 42, power_kw: 40}\n")
    (tmp_path / "site.yaml").write_text(sheet)
    (tmp_path / "machines.csv").write_text((BASE / "machines.csv").read_text())
    site = load(tmp_path)
    assert [site.rack_number(name) for name in ("A01", "A02", "r01")] == [1, 2, 3]
    assert [site.rack_number(name) for name in ("r17", "A17")] == [17, 0]  # not declared
    assert [rack.number for rack in site.racks] == [None, None, None]
