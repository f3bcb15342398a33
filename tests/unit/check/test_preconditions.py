"""A rule that is not applicable is not a pass: what it lacks is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.check import RULES, Note, Severity, preconditions, review, unjudged
from bloomery.check.preconditions import Precondition
from bloomery.cli.notes import console, print_silent, tally
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import ClusterPlan, CoolingPlan, FabricPlan, MetalPlan, StoragePlan
from bloomery.site import load

REPO = Path(__file__).parents[3]
NAMED = [each for each in vars(preconditions).values() if isinstance(each, Precondition)]
SITES = [
    *(REPO / "tests/golden" / name for name in ("choices", "projects", "minimal")),
    *(
        REPO / "inventories" / name
        for name in ("lab", "example-gb300", "example-su1", "example-whole")
    ),
]


@pytest.fixture(scope="module")
def plans() -> list[Plan]:
    return [make_plan(load(site)) for site in SITES]


def test_every_precondition_is_met_by_some_site_and_not_by_others(plans: list[Plan]) -> None:
    met = {each.what: {bool(each.there(plan)) for plan in plans} for each in NAMED}
    assert met == {each.what: {True, False} for each in NAMED}


def test_every_precondition_is_of_some_rule() -> None:
    assert {each for rule in RULES for each in rule.preconditions} == set(NAMED)


def test_an_empty_plan_leaves_only_the_rules_of_every_site(plans: list[Plan]) -> None:
    bare = replace(
        plans[0],
        site=replace(plans[0].site, runs=()),
        runs=(),
        metal=MetalPlan(),
        cooling=CoolingPlan(),
        fabric=FabricPlan(),
        storage=StoragePlan(),
        cluster=ClusterPlan(),
    )
    silent = {rule.id for rules in unjudged(bare).values() for rule in rules}
    always = {"F4", "M1", "M2", "M3", "M4", "M5", "M6", "P1"}
    assert {rule.id for rule in RULES} - silent == always


def test_the_first_thing_missing_is_the_reason(plans: list[Plan]) -> None:
    lab = plans[SITES.index(REPO / "inventories/lab")]
    reasons = {each.what: {rule.id for rule in rules} for each, rules in unjudged(lab).items()}
    assert {"P7", "C1"} <= reasons["cooling.loops"]
    assert reasons["storage.jobs"] == {"S5", "S6", "S7", "S8"}
    assert "fabric.storage" not in reasons


NOTE = Note("P1", Severity.ERROR, "r01", "5 kW", "4 kW", "-1 kW", "site.yaml", "move one")


@pytest.mark.parametrize(
    ("notes", "silent", "text"),
    [
        ([], {}, f"check: {len(RULES)} rules passed"),
        (
            [],
            {preconditions.HALLS: RULES[:2]},
            f"check: {len(RULES) - 2} rules passed, 2 not applicable",
        ),
        ([NOTE], {}, "check: 1 error, 0 warnings"),
        (
            [NOTE],
            {preconditions.HALLS: RULES[:3]},
            "check: 1 error, 0 warnings, 3 not applicable",
        ),
    ],
)
def test_tally(notes: list[Note], silent: dict[Precondition, tuple], text: str) -> None:
    assert tally(notes, silent) == text


def test_rules_in_a_row_are_a_span(capsys: pytest.CaptureFixture[str]) -> None:
    rules = {rule.id: rule for rule in RULES}
    told = [rules[name] for name in ("C8", "C9", "C10", "F1", "F2", "F4")]
    print_silent(console(), {preconditions.HALLS: told})
    assert capsys.readouterr().out == (
        "   not applicable, as the site does not describe: halls (C8-C10 F1 F2 F4)\n"
    )


def test_nothing_is_said_where_every_rule_judges(capsys: pytest.CaptureFixture[str]) -> None:
    print_silent(console(), {})
    assert capsys.readouterr().out == ""


def test_the_whole_example_leaves_no_rule_without_work(plans: list[Plan]) -> None:
    whole = plans[SITES.index(REPO / "inventories/example-whole")]
    assert unjudged(whole) == {}
    assert review(whole) == ()
