"""Rule M9 names each pool whose BMCs nothing proves, once, and what to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.check import Note, Severity, review
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import NodePlan
from bloomery.site import load

INVENTORIES = Path(__file__).parents[3] / "inventories"
PLAN = make_plan(load(INVENTORIES / "example-64"))
"""48 DGX B200 in one pool, 16 DGX H100 in another."""


def notes(plan: Plan) -> list[Note]:
    return [note for note in review(plan) if note.id == "M9"]


def changed(pool: str, model: str = "", allow: bool | None = None) -> Plan:
    def one(node: NodePlan) -> NodePlan:
        if node.pool != pool:
            return node
        kept = node.bmc.allow_unproven if allow is None else allow
        return replace(node, model=model or node.model, bmc=replace(node.bmc, allow_unproven=kept))

    nodes = tuple(map(one, PLAN.metal.nodes))
    return replace(PLAN, metal=replace(PLAN.metal, nodes=nodes))


def test_a_pool_of_an_unproven_model_is_one_warning() -> None:
    [note] = notes(PLAN)
    assert (note.subject, note.severity) == ("pool b200", Severity.WARNING)
    assert note.value == "48 machines: no recorded BMC tree stands for dgx-b200"
    assert note.remedy.startswith("pool b200 needs 'allow_unproven: true'")
    assert "bloomery bmc record" in note.remedy


def test_one_that_is_allowed_stays_a_warning_and_says_so() -> None:
    [note] = notes(changed("b200", allow=True))
    assert note.severity is Severity.WARNING
    assert note.remedy.startswith("allow_unproven lets them be installed: begin with one")


@pytest.mark.parametrize(
    ("pool", "model", "found"),
    [
        ("b200", "dgx-h100", []),
        ("h100", "mi300x", ["pool b200", "pool h100"]),
        ("b200", "lab-ghost", []),
    ],
)
def test_it_follows_the_model_and_not_what_the_planner_wrote(
    pool: str, model: str, found: list[str]
) -> None:
    assert [note.subject for note in notes(changed(pool, model))] == found


def test_a_lab_is_proven_by_the_lab() -> None:
    assert notes(make_plan(load(INVENTORIES / "lab"))) == []
