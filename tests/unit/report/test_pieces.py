"""The bill buys the pieces that an inventory has."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.plan import Plan, make_plan
from bloomery.report.files import files
from bloomery.site import load

INVENTORIES = Path(__file__).parents[3] / "inventories"


@pytest.fixture(scope="module")
def su1() -> Plan:
    return make_plan(load(INVENTORIES / "example-su1"))


def untitled(plan: Plan) -> Plan:
    """Media under titles that do not tell of what they are, as a site's own may be."""
    media = tuple(replace(it, title="of our own") for it in plan.fabric.media)
    return replace(plan, fabric=replace(plan.fabric, media=media))


@pytest.mark.parametrize("titled", [True, False])
def test_bill_and_netbox_count_the_same_pieces(su1: Plan, titled: bool) -> None:
    made = files(su1 if titled else untitled(su1))
    lines = csv.reader(io.StringIO(made["bom.csv"].decode()))
    bought = sum(int(row[4]) for row in lines if row[1] in ("cable", "fibre"))
    cables = [name for name in made if name.startswith("netbox/site/") and "cables" in name]
    assert len(cables) == 2
    listed = sum(len(made[name].decode().splitlines()) - 1 for name in cables)
    assert bought == listed < len(su1.fabric.cables)
