"""A rule that is not applicable is not a pass: what it lacks is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.check import (
    RULES,
    InPart,
    Note,
    Severity,
    judged_in_part,
    preconditions,
    review,
    unjudged,
)
from bloomery.check.preconditions import Precondition
from bloomery.cli.notes import console, print_partial, print_silent, tally
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import ClusterPlan, CoolingPlan, FabricPlan, MetalPlan, StoragePlan
from bloomery.site import load

REPO = Path(__file__).parents[3]
NAMED = [each for each in vars(preconditions).values() if isinstance(each, Precondition)]
SITES = [
    *(
        REPO / "tests/golden" / name
        for name in ("choices", "projects", "minimal", "software-nvidia", "software-amd")
    ),
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
    always = {"F4", "M1", "M2", "M3", "M4", "M5", "M6", "M9", "P1"}
    assert {rule.id for rule in RULES} - silent == always


def test_the_first_thing_missing_is_the_reason(plans: list[Plan]) -> None:
    lab = plans[SITES.index(REPO / "inventories/lab")]
    reasons = {each.what: {rule.id for rule in rules} for each, rules in unjudged(lab).items()}
    assert {"P7", "C1"} <= reasons["cooling.loops"]
    assert reasons["storage.jobs"] == {"S5", "S6", "S7", "S8"}
    assert "fabric.storage" not in reasons


NOTE = Note("P1", Severity.ERROR, "r01", "5 kW", "4 kW", "-1 kW", "site.yaml", "move one")


@pytest.mark.parametrize(
    ("notes", "silent", "partial", "text"),
    [
        ([], {}, {}, f"check: {len(RULES)} rules passed"),
        (
            [],
            {preconditions.HALLS: RULES[:2]},
            {},
            f"check: {len(RULES) - 2} rules passed, 2 not applicable",
        ),
        ([NOTE], {}, {}, "check: 1 error, 0 warnings"),
        (
            [replace(NOTE, severity=Severity.WARNING)] * 2,
            {preconditions.HALLS: RULES[:2]},
            {},
            f"check: {len(RULES) - 3} rules passed, 2 warnings, 2 not applicable",
        ),
        (
            [NOTE],
            {preconditions.HALLS: RULES[:3]},
            {},
            "check: 1 error, 0 warnings, 3 not applicable",
        ),
        (
            [],
            {preconditions.HALLS: RULES[:2]},
            {
                preconditions.FEEDS: InPart(RULES[3:5], ("r01",)),
                preconditions.WEIGHTS: InPart(RULES[4:6], ("r01", "r02")),
            },
            f"check: {len(RULES) - 2} rules passed, 3 judged in part, 2 not applicable",
        ),
    ],
)
def test_tally(
    notes: list[Note],
    silent: dict[Precondition, tuple],
    partial: dict[Precondition, InPart],
    text: str,
) -> None:
    assert tally(notes, silent, partial) == text


def test_devices_that_rules_pass_by_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    part = InPart(RULES[:1], ("r01", "r02", "r03", "r04", "r05"))
    print_partial(console(), {preconditions.FEEDS: part, preconditions.WEIGHTS: part})
    said = " ".join(capsys.readouterr().out.split())
    assert said == (
        "judged in part, as the site does not describe: feeds of racks (C1) of r01, r02, r03 and"
        " 2 more; weight_limit_kg of racks (C1) of r01, r02, r03 and 2 more"
    )


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


SOFTWARE = {preconditions.SOFTWARE, preconditions.NVIDIA, preconditions.AMD}
"""What a release has and not a site: software sets, which a site takes whole or not at all."""


def test_the_whole_example_leaves_no_other_rule_without_work(plans: list[Plan]) -> None:
    whole = plans[SITES.index(REPO / "inventories/example-whole")]
    assert unjudged(whole).keys() == SOFTWARE
    assert [(note.id, note.subject) for note in review(whole)] == [
        ("M9", "pool gb300"),
        ("M9", "pool mgmt"),
    ]
    assert judged_in_part(whole) == {}


def _of_one_rack(plan: Plan, rack: str, **fields: object) -> Plan:
    racks = tuple(replace(it, **fields) if it.name == rack else it for it in plan.metal.racks)
    return replace(plan, metal=replace(plan.metal, racks=racks))


def _unfed(plan: Plan, rack: str) -> Plan:
    circuits = tuple(it for it in plan.metal.circuits if it.rack != rack)
    return replace(plan, metal=replace(plan.metal, circuits=circuits))


def _of_one_model(plan: Plan, model: str, **fields: object) -> Plan:
    models = tuple(replace(it, **fields) if it.key == model else it for it in plan.metal.models)
    return replace(plan, metal=replace(plan.metal, models=models))


def _without_lengths(plan: Plan, network: str) -> Plan:
    cables = tuple(
        it._replace(length_m=0.0) if it.network == network else it for it in plan.fabric.cables
    )
    return replace(plan, fabric=replace(plan.fabric, cables=cables))


HALF = {
    "weights": (lambda it, rack: _of_one_rack(it, rack, weight_limit_kg=0.0), {"M7"}),
    "hall": (lambda it, rack: _of_one_rack(it, rack, hall=""), {"P8"}),
    "feeds": (_unfed, {"P2", "P3", "P5", "P6"}),
}
"""What one rack is made to lack, and the rules that then pass it by."""


@pytest.mark.parametrize("name", HALF)
def test_a_rack_that_lacks_what_others_have_is_named(plans: list[Plan], name: str) -> None:
    """The site has it, so the rules apply; of this rack they say nothing, and that is said."""
    whole = plans[SITES.index(REPO / "inventories/example-whole")]
    rack = next(it.rack for it in whole.metal.nodes if it.model == "gb300-nvl72")
    change, rules = HALF[name]
    halved = change(whole, rack)
    assert not set(unjudged(halved)) - set(unjudged(whole))
    parts = judged_in_part(halved).values()
    assert {rule.id for part in parts for rule in part.rules} == rules
    assert {part.devices for part in parts} == {(rack,)}


def test_a_model_that_lacks_what_others_have_is_named(plans: list[Plan]) -> None:
    """A machine that is no tray has supplies of its own, and here no number of them."""
    whole = plans[SITES.index(REPO / "inventories/example-whole")]
    (part,) = judged_in_part(_of_one_model(whole, "gb300-nvl72", trays=0)).values()
    assert part.devices == ("gb300-nvl72",)
    assert {rule.id for rule in part.rules} == {"P6"}


def test_a_network_that_lacks_what_others_have_is_named(plans: list[Plan]) -> None:
    whole = plans[SITES.index(REPO / "inventories/example-whole")]
    network = whole.fabric.networks[0].name
    (part,) = judged_in_part(_without_lengths(whole, network)).values()
    assert part.devices == (network,)
    assert {rule.id for rule in part.rules} == {"F7"}
