"""Fields that few sites use are in the bytes of their plans alone, and come back all the same."""

from __future__ import annotations

import json
from pathlib import Path

from bloomery.plan import Plan, make_plan
from bloomery.plan.model import NetworkPlan
from bloomery.plan.wire import from_wire, props
from bloomery.site import load

TESTS = Path(__file__).parents[2]
MIXED = make_plan(load(TESTS / "golden" / "mixed-rails"))
ALIKE = make_plan(load(TESTS.parent / "inventories" / "example-municipal"))
SPARSE = {"pool_rails", "pool_units"}


def test_a_plan_that_needs_none_has_none() -> None:
    for data in (ALIKE.to_json(), ALIKE.to_document()):
        assert all(not SPARSE & it.keys() for it in json.loads(data)["fabric"]["networks"])
    assert all("poolRails" not in props(it) for it in ALIKE.fabric.networks)
    assert ALIKE.fabric.networks[0].pool_rails == {}


def test_what_is_said_is_read_back() -> None:
    for data in (MIXED.to_json(), MIXED.to_document()):
        found = json.loads(data)["fabric"]["networks"]
        assert [it["pool_rails"] for it in found] == [
            {"serve": 4, "train": 8},
            {"mgmt": 1, "serve": 1, "train": 2},
        ]
        assert Plan.from_json(data) == MIXED
    network = MIXED.fabric.networks[0]
    assert from_wire(NetworkPlan, props(network)) == network
    assert Plan.from_json(ALIKE.to_json()) == ALIKE
