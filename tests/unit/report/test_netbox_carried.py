"""What NetBox gets of the further columns of a delivery list."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from bloomery.plan import make_plan
from bloomery.report.files import files
from bloomery.report.files.netbox import CARRIED, DEVICES
from bloomery.report.netbox.carried import LONGEST_TAG, carry
from bloomery.report.netbox.clash import Clashes
from bloomery.report.netbox.compare_devices import devices_left
from bloomery.report.netbox.existing import Existing
from bloomery.report.netbox.table import Table, table
from bloomery.site import load

TESTS = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("further", "tag", "comments"),
    [
        ({"asset_tag": "T-1", "order": "7"}, "T-1", "order: 7"),
        ({"Asset Tag": "T-1"}, "T-1", ""),
        ({"order": "=1+1", "note": "@x"}, "", "order: =1+1; note: @x"),
        *(({"asset_tag": f"{sign}1"}, "", f"asset_tag: {sign}1") for sign in "=+-@"),
        ({"asset_tag": "x" * LONGEST_TAG}, "x" * LONGEST_TAG, ""),
        ({"asset_tag": "x" * 51}, "", f"asset_tag: {'x' * 51}"),
    ],
)
def test_a_tag_and_comments(further: dict[str, str], tag: str, comments: str) -> None:
    assert carry(further) == (tag, comments)


def test_no_cell_of_any_table_begins_a_formula() -> None:
    made = files(make_plan(load(TESTS / "golden" / "hall")))
    sheets = [text for name, text in made.items() if name.endswith(".csv")]
    cells = [
        cell for text in sheets for row in csv.reader(io.StringIO(text.decode())) for cell in row
    ]
    assert len(sheets) > 9
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert any("asset_tag: =0473" in cell for cell in cells)


def test_without_further_columns_devices_have_none() -> None:
    made = files(make_plan(load(TESTS / "golden" / "minimal")))
    header = made["netbox/site/07-devices.csv"].decode().splitlines()[0]
    assert header.endswith("position,face")


def test_a_device_that_is_there_keeps_its_tag_and_comments() -> None:
    columns = (*DEVICES, *CARRIED)
    place = ("planned", "hall", "hall", "A01")
    mine = table(
        columns,
        ("g1", "node", "Nvidia", "DGX B200", "S1", *place, "1", "front", "T-1", "order: 7"),
        ("g2", "node", "Nvidia", "DGX B200", "S2", *place, "11", "front", "T-2", ""),
    )
    there = {**mine.rows[0], "id": "5", "position": "21"}
    has = Existing("export", {"devices": (there,)}, {}, ())
    left, changed = devices_left(mine, has, {}, Clashes("export"))
    assert isinstance(changed, Table)
    assert [row["asset_tag"] for row in left.rows] == ["T-2"]
    assert [row["id"] for row in changed.rows] == ["5"]
    assert not {"asset_tag", "comments", "status"} & set(changed.columns)
