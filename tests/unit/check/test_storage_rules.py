"""Rules S1 to S8: each passes on the golden site and fails on one field flipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bloomery.check import Note, Severity
from bloomery.check.storage import RULES
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import NetworkPlan
from bloomery.site import load

PLAN = make_plan(load(Path(__file__).parents[2] / "golden" / "projects"))
Change = Callable[[Plan], Plan]


def storage(**values: object) -> Change:
    return lambda plan: replace(plan, storage=replace(plan.storage, **values))


def tier(**values: object) -> Change:
    first, *others = PLAN.storage.tiers
    return storage(tiers=(replace(first, **values), *others))


def job(**values: object) -> Change:
    return storage(checkpoints=(replace(PLAN.storage.checkpoints[0], **values),))


def project(**values: object) -> Change:
    first, *others = PLAN.cluster.projects
    found = (replace(first, **values), *others)
    return lambda plan: replace(plan, cluster=replace(plan.cluster, projects=found))


def nodes(count: int) -> Change:
    def changed(plan: Plan) -> Plan:
        left = tuple(node for node in plan.metal.nodes if node.purpose == "training")[:count]
        return replace(plan, metal=replace(plan.metal, nodes=left))

    return changed


def network(speed: float) -> Change:
    net = NetworkPlan(
        "storage", "ethernet", "sn5600", 2, 1, 1, 1, 32, 1.0, speed, 1, 1, 0, 1, 1, 0, 0
    )
    return lambda plan: replace(plan, fabric=replace(plan.fabric, networks=(net,)))


@dataclass(frozen=True)
class Case:
    rule: str
    change: Change
    subject: str
    value: str
    severity: Severity = Severity.ERROR


CASES = [
    Case("S1", tier(write_gbs=30.0), "tier fast", "writes 30.0 GB/s"),
    Case("S1", job(stall_s=1.0), "tier fast", "writes 45.1 GB/s"),
    Case("S1", tier(own_write_gbs=20.0), "tier fast", "writes"),
    Case("S2", tier(read_gbs=7.0), "tier fast", "reads 7.0 GB/s"),
    Case("S2", job(restart_s=2.0), "tier fast", "reads 133.1 GB/s"),
    Case("S2", job(data_read_gbs=200.0), "tier fast", "reads"),
    Case("S3", tier(capacity_tb=501.0), "tier fast", "501.0 TB"),
    Case("S3", project(storage_tb=800.0), "tier fast", "1000.0 TB"),
    Case("S3", job(keep=600), "tier fast", "1000.0 TB"),
    Case("S4", tier(blocks=1), "tier fast", "1000.0 TB"),
    Case("S4", tier(read_gbs=140.0), "tier fast", "140.0 GB/s read"),
    Case("S5", job(gpus=1_500_000), "job national-70b", "fails every 120 s"),
    Case("S5", job(interval_s=600.0), "job national-70b", "every 600 s"),
    Case("S5", job(overhead=0.5), "job national-70b", "50.00%"),
    Case("S5", job(mtbf_accelerator_h=50.0), "job national-70b", "every 18371 s"),
    Case("S6", job(tier="gone"), "job national-70b", "which is not a tier"),
    Case("S6", tier(tier=0), "job national-70b", "tier 0"),
    Case("S7", nodes(3), "storage.jobs", "32 GPUs"),
    Case("S7", job(gpus=41), "storage.jobs", "41 GPUs"),
    Case("S8", network(25.0), "job national-70b", "7.6 GB/s per machine"),
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
    hits = [note for note in notes if note.subject == case.subject and case.value in note.value]
    assert hits, notes
    assert hits[0].severity is case.severity
    assert hits[0].limit
    assert hits[0].remedy


def test_a_tenth_of_the_time_is_a_warning() -> None:
    """130,000 GPUs at 30 s a pause write 10.4 % of the time: dear, not impossible."""
    found = notes_of("S5", job(gpus=130_000)(PLAN))
    assert any(note.severity is Severity.WARNING and "10." in note.value for note in found)


def test_storage_ports_that_carry_their_share_pass() -> None:
    """914 GB in 30 s over four machines: 7.6 GB/s each, under the 50 GB/s of one 400 Gb/s port."""
    assert notes_of("S8", network(400.0)(PLAN)) == []


def test_the_ports_of_the_training_pool_count_that_has_fewest() -> None:
    """40 Gb/s on four rails are 20 GB/s; a pool that has one of them has 5."""

    def rails(**pools: int) -> Change:
        def changed(plan: Plan) -> Plan:
            [net] = network(40.0)(plan).fabric.networks
            mixed = replace(net, rails=4, pools=("serve", "train"), pool_rails=pools)
            return replace(plan, fabric=replace(plan.fabric, networks=(mixed,)))

        return changed

    assert notes_of("S8", rails()(PLAN)) == notes_of("S8", rails(serve=1)(PLAN)) == []
    [note] = notes_of("S8", rails(train=1, serve=4)(PLAN))
    assert note.limit == "5.0 GB/s of its storage ports"


def test_a_tier_that_is_exactly_enough_passes() -> None:
    need = PLAN.storage.tiers[0].write_need_gbs
    assert notes_of("S1", tier(write_gbs=need)(PLAN)) == []
