"""Columns of the delivery list that the planner does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from bloomery.site.metal.delivery import Delivery, parse_delivery
from bloomery.site.metal.further_columns import LONGEST

BASE = (Path(__file__).parents[2] / "wrong" / "base" / "machines.csv").read_text().splitlines()


def read(columns: str, *cells: str) -> Delivery:
    rows = [f"{row},{text}" for row, text in zip(BASE[1:], cells, strict=True)]
    return parse_delivery("machines.csv", "\n".join([f"{BASE[0]},{columns}", *rows]) + "\n")


def test_further_columns_are_kept_and_empty_cells_left_out() -> None:
    found = read("asset_tag,Order no.", " T-1 ,PO 7", ",PO 7")
    assert found.faults == []
    assert [dict(it.further) for it in found.machines] == [
        {"Order no.": "PO 7", "asset_tag": "T-1"},
        {"Order no.": "PO 7"},
    ]


def test_a_list_without_them_has_none() -> None:
    found = parse_delivery("machines.csv", "\n".join(BASE))
    assert found.faults == []
    assert [it.further for it in found.machines] == [{}, {}]


@pytest.mark.parametrize(
    "column", ["asset_tag", "order_number", "host_name", "rack_no", "mac", "Serviced by", "PO #"]
)
def test_a_column_of_the_buyer_is_no_misspelt_one(column: str) -> None:
    assert read(column, "a", "b").faults == []


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        *(("bmc_adress", "bmc_address"), ("BMC Address", "bmc_address"), ("racks", "rack")),
        *(("System-UUID", "system_uuid"), ("numbr", "number"), ("Unit", "unit")),
    ],
)
def test_a_misspelt_column_is_told_with_what_it_may_mean(column: str, meant: str) -> None:
    if column == "Unit":
        faults = read(column, "1", "2").faults
        assert [fault.reason for fault in faults] == ["column 'unit' is given twice"]
        return
    (fault, *others) = read(column, "1", "2").faults
    assert (fault.line, fault.reason) == (1, f"unknown column {column!r}") or others == []
    assert any(meant in f"{it.reason} {it.hint}" for it in (fault, *others))


def test_a_cell_may_be_as_long_as_a_line_and_no_longer() -> None:
    assert read("remark", "x" * LONGEST, "").faults == []
    (fault,) = read("remark", "x" * (LONGEST + 1), "").faults
    assert (fault.path, fault.hint) == ("train-01.remark", "at most 200 characters")


def test_a_tag_without_letters_and_digits_is_no_tag() -> None:
    assert read("asset_tag", "-", "-").faults == []
    (fault,) = read("Asset Tag", "T-1", "T-1").faults
    assert (fault.line, fault.reason) == (3, "asset tag 'T-1' is that of 'train-01'")
