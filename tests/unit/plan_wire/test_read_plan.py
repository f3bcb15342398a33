"""A plan back from its JSON: the same plan, the same bytes, or what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from handmade import plan as handmade

from bloomery.plan import Plan, make_plan
from bloomery.plan.read import read_plan
from bloomery.site import load

REPO = Path(__file__).parents[3]
PLANS = [
    *(make_plan(load(REPO / "inventories" / name)) for name in ("lab", "example-64")),
    handmade(2),
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.site.name)
def test_what_was_written_is_read(plan: Plan) -> None:
    back = read_plan(plan.to_json())
    assert back == plan
    assert back.to_json() == plan.to_json()
    assert back.digest == plan.digest


def test_an_older_plan_takes_defaults_and_drops_what_is_known_no_more() -> None:
    data = json.loads(PLANS[0].to_json())
    del data["site"]["sovereignty"], data["site"]["pins"]
    data["site"]["colour"] = "blue"
    back = read_plan(json.dumps(data).encode())
    assert back.site.pins == {}
    assert back.site.sovereignty.key_custody == ""
    assert back.metal == PLANS[0].metal


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: data.pop("site"), "Plan lacks site"),
        (lambda data: data["site"].pop("country"), "SiteFacts lacks country"),
        (lambda data: data["site"].update(lab="yes"), "lab is str, not bool"),
        (lambda data: data["metal"].update(nodes={}), "nodes is not a list"),
        (lambda data: data["metal"]["nodes"].append("x"), "NodePlan is not a mapping"),
        (lambda data: data["metal"]["nodes"][0].update(bios=[]), "bios is not a mapping"),
        (lambda data: data["fabric"].update(cables=[["x"]]), "cables holds a row of 1 columns"),
        (lambda data: data["fabric"].update(cables=["x"]), "cables holds a row that is not a list"),
    ],
)
def test_what_is_wrong_is_named(spoil: object, says: str) -> None:
    data = json.loads(PLANS[0].to_json())
    spoil(data)  # type: ignore[operator]
    with pytest.raises(ValueError, match=says):
        read_plan(json.dumps(data).encode())


@pytest.mark.parametrize("data", [b"", b"\xff", b"{"])
def test_what_is_no_json(data: bytes) -> None:
    with pytest.raises(ValueError, match="a plan is JSON"):
        read_plan(data)
