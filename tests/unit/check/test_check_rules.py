"""Every rule passes on the lab and fails on a change of it that it is there for."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bloomery import check
from bloomery.check import RULES, Note, Severity, errors, review
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import NodePlan
from bloomery.site import load

LAB = make_plan(load(Path(__file__).parents[3] / "inventories" / "lab"))


def change(name: str, how: Callable[[NodePlan], NodePlan]) -> Callable[[Plan], Plan]:
    def changed(plan: Plan) -> Plan:
        nodes = tuple(how(node) if node.name == name else node for node in plan.metal.nodes)
        return replace(plan, metal=replace(plan.metal, nodes=nodes))

    return changed


def identity(**values: str) -> Callable[[Plan], Plan]:
    return change("train-02", lambda node: replace(node, identity=replace(node.identity, **values)))


def host(**values: str) -> Callable[[Plan], Plan]:
    return change("train-02", lambda node: replace(node, host=replace(node.host, **values)))


def bmc(address: str) -> Callable[[Plan], Plan]:
    return change("train-02", lambda node: replace(node, bmc=replace(node.bmc, address=address)))


def node(**values: object) -> Callable[[Plan], Plan]:
    return change("train-02", lambda found: replace(found, **values))


def rack(**values: object) -> Callable[[Plan], Plan]:
    def changed(plan: Plan) -> Plan:
        return replace(
            plan, metal=replace(plan.metal, racks=(replace(plan.metal.racks[0], **values),))
        )

    return changed


def pins(*names: str) -> Callable[[Plan], Plan]:
    def changed(plan: Plan) -> Plan:
        for name in names:
            plan = change(name, lambda it: replace(it, bmc=replace(it.bmc, cert_sha256="ab" * 32)))(
                plan
            )
        return plan

    return changed


def purposes(wanted: str, *names: str) -> Callable[[Plan], Plan]:
    """The runs as they would be if ``names`` were all there is of ``wanted``."""

    def changed(plan: Plan) -> Plan:
        runs = tuple(
            replace(
                run,
                groups={**run.groups, wanted: names}
                if names
                else {group: it for group, it in run.groups.items() if group != wanted},
            )
            for run in plan.runs
        )
        return replace(plan, runs=runs)

    return changed


def without_run(kind: str) -> Callable[[Plan], Plan]:
    """The site chose it, and there is nothing it could be for."""
    return lambda plan: replace(plan, runs=tuple(it for it in plan.runs if it.kind != kind))


@dataclass(frozen=True)
class Case:
    rule: str
    change: Callable[[Plan], Plan]
    subject: str
    """Whom the note must name."""
    value: str
    """What must stand in its value."""
    severity: Severity = Severity.ERROR
    margin: str = ""


FIRST = LAB.node("train-01")
CASES = [
    Case("M1", identity(bmc_mac=FIRST.identity.bmc_mac), "train-01, train-02", "BMC MAC"),
    Case("M1", identity(chassis_serial="LAB-R01-U01"), "mgmt-01, train-02", "chassis serial"),
    Case("M1", identity(system_uuid=FIRST.identity.system_uuid), "train-01, train-02", "UUID"),
    Case("M1", pins("mgmt-01", "serve-01"), "mgmt-01, serve-01", "BMC certificate"),
    Case("M2", bmc("127.77.1.1:8443"), "mgmt-01 (BMC), train-02 (BMC)", "127.77.1.1:8443"),
    Case("M2", bmc("127.77.0.1:8443"), "train-02 (BMC), the controller", "127.77.0.1"),
    Case("M2", bmc("10.77.1.1"), "mgmt-01 (host), train-02 (BMC)", "10.77.1.1"),
    Case("M2", host(address="10.77.1.1"), "mgmt-01 (host), train-02 (host)", "10.77.1.1"),
    Case("M2", host(address="10.77.0.1"), "train-02 (host), the gateway", "10.77.0.1"),
    Case("M2", host(mac=FIRST.host.mac), "train-01 (host), train-02 (host)", FIRST.host.mac),
    Case("M3", node(unit=2), "train-01, train-02", "U2 of r01 over U2", margin="-1 U"),
    Case("M3", node(unit=12, height=2), "train-02", "U12-U13 of r01", margin="-1 U"),
    Case("M3", node(unit=3, height=2), "train-02, serve-01", "U4 of r01 over U3-U4"),
    Case("M3", node(unit=0), "train-02", "U0 of r01"),
    Case("M3", rack(units=3), "serve-01", "U4 of r01", margin="-1 U"),
    Case("M4", node(rack="r02"), "train-02", "rack r02"),
    Case("M5", bmc("127.78.1.3:8443"), "train-02 (BMC)", "127.78.1.3"),
    Case("M5", bmc("127.77.255.255:8443"), "train-02 (BMC)", "127.77.255.255"),
    Case("M5", host(address="10.78.1.3"), "train-02 (host)", "10.78.1.3"),
    Case("M5", host(address="10.77.0.0"), "train-02 (host)", "10.77.0.0"),
    Case("M6", node(model="dgx-b200"), "train-02", "dgx-b200 (metal)"),
    Case(
        "M6", lambda plan: replace(plan, site=replace(plan.site, lab=False)), "mgmt-01", "virtual"
    ),
    Case("P1", rack(power_limit_kw=1.9), "r01", "2.000 kW", margin="-0.100 kW"),
    Case("P1", node(power_kw=2.6), "r01", "4.100 kW", margin="-0.100 kW"),
    Case("P1", rack(power_limit_kw=2.1), "r01", "2.000 kW", Severity.WARNING, "0.100 kW"),
    Case("P1", rack(power_limit_kw=2.0), "r01", "2.000 kW", Severity.WARNING, "0.000 kW"),
    Case("K1", purposes("serving"), "run serve", "0 serving", margin="-1"),
    Case("K1", purposes("management"), "run base", "0 management", margin="-1"),
    Case("K1", purposes("management"), "run slurm", "0 management", margin="-1"),
    Case("K1", purposes("training"), "run train", "0 training"),
    Case("K1", without_run("serve"), "run serve", "nothing to run for"),
    Case("K1", purposes("training", "train-01"), "run train", "1 training", Severity.WARNING, "-1"),
]


def test_the_lab_passes_every_rule() -> None:
    assert {rule.id: rule.apply(LAB) for rule in RULES} == {rule.id: () for rule in RULES}


HERE = {"M1", "M2", "M3", "M4", "M5", "M6", "P1", "K1"}
"""Rules whose cases stand in this file; those of a noun that grew have a file of their own."""


def test_every_rule_has_a_failing_case() -> None:
    assert {case.rule for case in CASES} == HERE
    assert {rule.id for rule in RULES} >= HERE


def test_every_rule_of_a_file_is_applied() -> None:
    """One that ``check/review.py`` does not list would hold of every plan."""
    known = {rule.id for rule in RULES}
    for module in pkgutil.iter_modules(check.__path__):
        rules = getattr(importlib.import_module(f"{check.__name__}.{module.name}"), "RULES", ())
        assert {rule.id for rule in rules} <= known, f"check/{module.name}.py"


def test_ids_are_taken_once() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.subject}")
def test_failing(case: Case) -> None:
    notes = [note for note in review(case.change(LAB)) if note.id == case.rule]
    hits = [note for note in notes if note.subject == case.subject and case.value in note.value]
    assert hits, notes
    assert hits[0].severity is case.severity
    if case.margin:
        assert hits[0].margin == case.margin
    assert hits[0].source
    assert hits[0].remedy
    assert hits[0].limit


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.subject}")
def test_other_machines_are_left_in_peace(case: Case) -> None:
    """A change of one machine is never blamed on one that shares nothing with it."""
    named = " ".join(note.subject for note in review(case.change(LAB)) if note.id[0] == "M")
    if case.subject.startswith("train") and "," not in case.subject:
        assert "serve-01" not in named
        assert "mgmt-01" not in named


def test_two_bmcs_behind_one_address_are_fine() -> None:
    """A relay may give each BMC a port of its own."""
    notes = review(bmc("127.77.1.1:8444")(LAB))
    assert [note for note in notes if note.id == "M2"] == []


def test_default_port_is_the_same_endpoint() -> None:
    plan = change("train-01", lambda it: replace(it, bmc=replace(it.bmc, address="127.77.9.9:443")))
    notes = review(bmc("127.77.9.9")(plan(LAB)))
    assert [note.subject for note in notes if note.id == "M2"] == ["train-01 (BMC), train-02 (BMC)"]


def test_decimals_that_add_up_to_the_limit_are_no_error() -> None:
    """0.1 + 0.2 is more than 0.3 in binary; a rack that is exactly full is not overfull."""
    plan = rack(power_limit_kw=0.3)(LAB)
    powers = {"mgmt-01": 0.1, "train-01": 0.2, "train-02": 0.0, "serve-01": 0.0}
    for name, power in powers.items():
        plan = change(name, lambda it, kw=power: replace(it, power_kw=kw))(plan)  # type: ignore[misc]
    assert errors(review(plan)) == ()


def test_errors_come_first() -> None:
    plan = rack(power_limit_kw=2.1)(bmc("127.78.1.3")(LAB))
    assert [note.severity for note in review(plan)] == [Severity.ERROR, Severity.WARNING]


def test_a_note_reads_as_one_line() -> None:
    note = Note("P1", Severity.ERROR, "r01", "5 kW", "4 kW", "-1 kW", "site.yaml", "move one")
    assert str(note) == "P1 error r01: 5 kW; limit 4 kW (margin -1 kW); move one [site.yaml]"
    assert note.as_dict()["severity"] == "error"
