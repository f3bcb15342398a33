"""Rules K2 to K6: promises that can be kept, and a cost that adds up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bloomery.check import Note
from bloomery.check.cost import RULES as COST_RULES
from bloomery.check.projects import RULES as PROJECT_RULES
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import CapacityPlan, CostPlan, ProjectPlan, TenantPlan
from bloomery.site import load
from bloomery.site.cluster.sheet import Project

SITE = load(Path(__file__).parents[2] / "golden" / "projects")
PLAN = make_plan(SITE)
RULES = (*PROJECT_RULES, *COST_RULES)
Change = Callable[[Plan], Plan]


def cluster(**values: object) -> Change:
    return lambda plan: replace(plan, cluster=replace(plan.cluster, **values))


def project(name: str, **values: object) -> Change:
    def one(it: ProjectPlan) -> ProjectPlan:
        return replace(it, **values) if it.name == name else it

    return cluster(projects=tuple(one(it) for it in PLAN.cluster.projects))


def capacity(pool: str, **values: object) -> Change:
    def one(it: CapacityPlan) -> CapacityPlan:
        return replace(it, **values) if it.pool == pool else it

    return cluster(capacity=tuple(one(it) for it in PLAN.cluster.capacity))


def cost(**values: object) -> Change:
    assert isinstance(PLAN.cluster.cost, CostPlan)
    return cluster(cost=replace(PLAN.cluster.cost, **values))


def model(key: str, **values: object) -> Change:
    def changed(plan: Plan) -> Plan:
        models = tuple(replace(it, **values) if it.key == key else it for it in plan.metal.models)
        return replace(plan, metal=replace(plan.metal, models=models))

    return changed


def without(machine: str) -> Change:
    def changed(plan: Plan) -> Plan:
        left = tuple(node for node in plan.metal.nodes if node.name != machine)
        return replace(plan, metal=replace(plan.metal, nodes=left))

    return changed


@dataclass(frozen=True)
class Case:
    rule: str
    change: Change
    subject: str
    value: str
    """What must stand in its value or its limit."""


CASES = [
    Case("K2", without("train-05"), "pool train", "4 machines"),
    Case("K2", without("serve-01"), "pool serve", "2 for 60 slices of 56 per machine"),
    Case("K2", project("language", gpus=25), "pool train", "4 for 1 dedicated projects"),
    Case("K2", project("schools", gpus=17), "pool train", "3 for 17 shared GPUs"),
    Case("K2", project("registry", slices=113), "pool serve", "3 for 113 slices"),
    Case("K3", model("dgx-h100", mig_slices=0), "project registry", "60 slices"),
    Case("K3", model("dgx-b200", gpus=0), "project language", "20 GPUs"),
    Case("K3", project("language", pool="nowhere"), "project language", "no machine"),
    Case("K4", capacity("train", nodes_needed=4), "pool train", "(5, 4, 40, 280, 0)"),
    Case("K4", capacity("serve", slices=224), "pool serve", "(2, 2, 16, 224, 60)"),
    Case("K4", cluster(capacity=()), "pool train", "None"),
    Case("K5", project("schools", index=1), "language, schools", "id 1 assigned 2 times"),
    Case("K5", project("language", isolation="confidential"), "project language", "confidential"),
    Case(
        "K5", project("language", isolation="dedicated-fabric"), "project language", "a partition"
    ),
    Case("K6", cost(year=1.0), "cost, year", "1.0000"),
    Case("K6", cost(gpu_hour=0.5), "cost, GPU-hour", "0.5000"),
    Case("K6", cost(it_kw=50.0), "cost, power of the racks (kW)", "50.0000"),
    Case("K6", cost(pue=2.0), "cost, energy at the meter (MWh)", "724.5400"),
    Case("K6", cost(water_m3=166.64), "cost, water (m3)", "166.6400"),
    Case("K6", cost(capital_year=0.0), "cost, year", "948589"),
    Case("K6", lambda plan: replace(plan, metal=replace(plan.metal, nodes=())), "cost", "no GPU"),
]


def notes_of(rule: str, plan: Plan) -> list[Note]:
    """Of that rule alone: others may rightly stumble over a plan bent for one."""
    return [note for it in RULES if it.id == rule for note in it.apply(plan)]


def test_the_site_passes_every_rule() -> None:
    assert {rule.id: rule.apply(PLAN) for rule in RULES} == {rule.id: () for rule in RULES}


def test_every_rule_has_a_failing_case() -> None:
    assert {case.rule for case in CASES} == {rule.id for rule in RULES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.value}")
def test_failing(case: Case) -> None:
    notes = notes_of(case.rule, case.change(PLAN))
    told = [n for n in notes if n.subject == case.subject and case.value in n.value + n.limit]
    assert told, notes
    assert told[0].remedy


def test_a_network_of_its_own_is_enough() -> None:
    tenant = TenantPlan("language", 1, 5001, "65000:5001", "0x0002")
    plan = project("language", isolation="dedicated-fabric")(PLAN)
    plan = replace(plan, fabric=replace(plan.fabric, tenants=(tenant,)))
    assert notes_of("K5", plan) == []


def many(count: int, isolation: str, pool: str = "train") -> Plan:
    """The site with ``count`` projects of one GPU, or of one slice."""
    quota = {"slices": 1} if isolation == "mig" else {"gpus": 1}
    projects = tuple(
        Project.model_validate(
            {
                "name": f"p{number:03}",
                "id": number,
                "isolation": isolation,
                "data_class": "internal",
                "pool": pool,
                "owner": "Institute A",
                **quota,
            }
        )
        for number in range(1, count + 1)
    )
    return make_plan(SITE.model_copy(update={"projects": projects}))


def test_200_sliced_projects_fit_four_machines() -> None:
    plan = many(200, "mig")
    assert plan.cluster.capacity[0].nodes_needed == 4
    assert plan.cluster.capacity[0].slices == 5 * 56
    assert notes_of("K2", plan) == []


def test_200_sliced_projects_do_not_fit_three() -> None:
    """168 slices: the planner says how many machines are short, and names whom to ask."""
    plan = without("train-05")(without("train-04")(many(200, "mig")))
    note = notes_of("K2", plan)[0]
    assert note.value == "4 machines: 4 for 200 slices of 56 per machine"
    assert (note.limit, note.margin) == ("3 machines", "-1 machines")
    assert "p001" in note.remedy
    assert "195 others" in note.remedy


def test_200_projects_by_themselves_need_200_machines() -> None:
    note = notes_of("K2", many(200, "dedicated-node"))[0]
    assert note.value == "200 machines: 200 for 200 dedicated projects"
    assert note.margin == "-195 machines"


def test_growing_by_projects_moves_no_number() -> None:
    before = {it.name: it.index for it in many(50, "shared").cluster.projects}
    after = {it.name: it.index for it in many(200, "shared").cluster.projects}
    assert before.items() <= after.items()
