"""Every rule of the fabric passes on a sound plan and fires on the change it is there for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import fabrics
import pytest

from bloomery.check import RULES, review
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import Cable, NetworkPlan, SwitchPlan, TenantPlan

SHEET = fabrics.fabric(
    compute=fabrics.network(2, su_max=4, reserved_ports=4),
    storage=fabrics.ethernet(
        2, rails=2, leaves=fabrics.tier(0, unit=20), spines=fabrics.tier(72), cores=None
    ),
    oob={
        "switch": "sn2201",
        "groups": [
            {
                "name": "gpu",
                "racks": ["r001..r016"],
                "racks_per_switch": 4,
                "units_per_port": 4,
                "unit": 48,
                "uplinks": {
                    "switch": "sn4600c",
                    "speed_gbps": 100,
                    "stand": {"racks": ["r999"], "per_rack": 4, "unit": 1},
                },
            },
            {"name": "net", "racks": ["r801..r999"], "racks_per_switch": 1, "unit": 48},
        ],
    },
)
SHEET["compute"].pop("cores")
SHEET["storage"].pop("cores")
PLAN = make_plan(
    fabrics.site(
        SHEET,
        [fabrics.machine(number) for number in range(1, 65) if number != 32],
        [fabrics.project(1), fabrics.project(9)],
    )
)

Change = Callable[[Plan], Plan]


def cable(where: Callable[[Cable], bool], **values: object) -> Change:
    """The first cable that fits ``where``, changed."""

    def changed(plan: Plan) -> Plan:
        rows = list(plan.fabric.cables)
        at = next(at for at, row in enumerate(rows) if where(row))
        rows[at] = rows[at]._replace(**values)
        return replace(plan, fabric=replace(plan.fabric, cables=tuple(rows)))

    return changed


def without(where: Callable[[Cable], bool]) -> Change:
    """The first cable that fits ``where``, gone."""

    def changed(plan: Plan) -> Plan:
        rows = list(plan.fabric.cables)
        del rows[next(at for at, row in enumerate(rows) if where(row))]
        return replace(plan, fabric=replace(plan.fabric, cables=tuple(rows)))

    return changed


def switch(name: str, **values: object) -> Change:
    def one(it: SwitchPlan) -> SwitchPlan:
        return replace(it, **values) if it.name == name else it

    def changed(plan: Plan) -> Plan:
        return replace(
            plan,
            fabric=replace(plan.fabric, switches=tuple(one(it) for it in plan.fabric.switches)),
        )

    return changed


def network(name: str, **values: object) -> Change:
    def one(it: NetworkPlan) -> NetworkPlan:
        return replace(it, **values) if it.name == name else it

    def changed(plan: Plan) -> Plan:
        return replace(
            plan,
            fabric=replace(plan.fabric, networks=tuple(one(it) for it in plan.fabric.networks)),
        )

    return changed


def tenant(**values: object) -> Change:
    def one(it: TenantPlan) -> TenantPlan:
        return replace(it, **values) if it.project == "project-9" else it

    def changed(plan: Plan) -> Plan:
        return replace(
            plan, fabric=replace(plan.fabric, tenants=tuple(one(it) for it in plan.fabric.tenants))
        )

    return changed


def reach(key: str, metres: float, **values: object) -> Change:
    def changed(plan: Plan) -> Plan:
        media = tuple(
            replace(it, reach_m=metres, **values) if it.key == key else it
            for it in plan.fabric.media
        )
        return replace(plan, fabric=replace(plan.fabric, media=media))

    return changed


def of(network_name: str, layer: str) -> Callable[[Cable], bool]:
    return lambda row: (row.network, row.layer) == (network_name, layer)


def from_machine(row: Cable) -> bool:
    return row.network == "compute" and row.a_device == "train-0002"


LEAF = "compute-leaf-s01-r1"
STORE = "storage-leaf-s01-r1"


@dataclass(frozen=True)
class Case:
    rule: str
    change: Change
    subject: str
    """What the note's subject must hold."""
    value: str
    """What must stand in its value."""


CASES = [
    Case("F1", cable(from_machine, b_port="p01/1", b_index=1), f"{LEAF} p01/1", "train-0002"),
    Case("F1", cable(of("oob", "oob"), a_device="train-0002"), "train-0002 bmc", "oob"),
    Case("F1", cable(of("storage", "node-leaf"), medium="osfp-sr-400"), f"{STORE} p01", "and"),
    Case("F1", cable(of("storage", "node-leaf"), length_m=4.0), f"{STORE} p01", "of 4 m"),
    Case(
        "F1", cable(of("storage", "leaf-spine"), medium="osfp-acc-split-400"), f"{STORE} p33", "and"
    ),
    Case("F1", cable(from_machine, medium="osfp-acc-split-400"), "train-0002", "and osfp-sr-400"),
    Case(
        "F1",
        reach("osfp-sr-400", 50.0, copper=True),
        "train-0002",
        "osfp-sr-400, whose plug carries 1",
    ),
    Case("F2", cable(from_machine, b_index=65), LEAF, "logical port 65"),
    Case("F2", cable(from_machine, b_port="p09/1"), f"{LEAF} p09/1", "logical port 2"),
    Case("F2", switch(LEAF, ports=63), LEAF, "logical port 64"),
    Case("F3", without(of("compute", "leaf-spine")), LEAF, "cables"),
    Case(
        "F3",
        cable(of("storage", "leaf-spine"), b_device="storage-spine-99"),
        STORE,
        "connects to 3 switches",
    ),
    Case("F4", switch("storage-leaf-s02-r1", loopback="10.96.0.0/32"), STORE, "10.96.0.0"),
    Case("F4", switch(LEAF, oob_address="10.16.0.1"), "the controller", "10.16.0.1"),
    Case("F4", cable(of("storage", "leaf-spine"), a_address="10.104.0.0/31"), STORE, "10.104.0.0"),
    Case("F5", switch("storage-leaf-s01-r2", asn=4_200_001_000), STORE, "AS 4200001000"),
    Case("F5", switch(STORE, asn=65000), STORE, "AS 65000"),
    Case("F5", switch(STORE, asn=4_294_967_295), STORE, "AS 4294967295"),
    Case("F6", tenant(vni=5001), "project-1, project-9", "VNI 5001"),
    Case("F6", tenant(route_target="65000:5001"), "project-1, project-9", "route target"),
    Case("F6", tenant(pkey="0x8002"), "project-1, project-9", "PKey 2"),
    Case("F6", tenant(pkey="0x7fff"), "project-9", "PKey 0x7fff"),
    Case("F6", tenant(pkey="0x0001"), "project-9", "PKey 0x0001"),
    Case("F6", tenant(vni=2**24, route_target=f"65000:{2**24}"), "project-9", "VNI"),
    Case("F6", tenant(route_target="60005:5009"), "project-9", "60005:5009"),
    Case("F7", cable(from_machine, length_m=5000.0), "train-0002", "5000 m"),
    Case("F7", cable(from_machine, medium="string"), "train-0002", "of no medium"),
    Case("F7", cable(from_machine, medium="1000base-t"), "train-0002", "1000base-t at 400"),
    Case("F7", reach("1000base-t", 1.0), "oob", "of 1000base-t"),
    Case("F8", network("compute", oversubscription=0.5), LEAF, "32 machines over 32 uplinks"),
    Case("F8", network("storage", nodes_per_su=65), STORE, "65 machines over 64"),
    # 32.7 uplinks: rounding them down would let 1.53 pass for 1.5.
    Case("F8", network("compute", nodes_per_su=49, oversubscription=1.5), LEAF, "49 machines"),
    Case("F8", network("compute", nodes_per_su=3, oversubscription=0.9), LEAF, "32 machines"),
    Case("F9", switch(STORE, loopback="10.95.0.1/32"), STORE, "10.95.0.1"),
    Case("F9", switch(STORE, loopback=""), STORE, "no address"),
    Case("F9", switch(LEAF, oob_address="10.99.0.1"), LEAF, "10.99.0.1"),
    Case("F9", cable(of("storage", "leaf-spine"), a_address="10.9.0.0/31"), STORE, "10.9.0.0"),
    Case("F9", network("storage", host_cidr="10.104.0.0/31"), "train-0002", "10.104.0"),
    Case("F10", network("compute", spines=17), "network compute", "17 spines"),
    Case("F10", network("compute", node_cables=1), "network compute", "1 machine cables"),
    Case("F10", network("compute", tiers=3), "network compute", "3 tiers"),
    Case("F10", without(of("oob", "leaf-spine")), "network oob", "spine cables"),
    Case("F11", switch(LEAF, rack="r1000"), LEAF, "r1000"),
    Case("F11", switch(LEAF, rack="", unit=0), LEAF, "no rack"),
    Case("F11", switch(LEAF, unit=49), LEAF, "U49"),
    Case("F12", network("compute", su_max=1), "network compute", "2 units built"),
    Case("F12", network("storage", link_cidr="10.100.0.0/24"), "network storage", "of links"),
    Case("F12", switch("compute-leaf-s01-r2", index=0), "network compute", "at place 0"),
    Case("F13", cable(from_machine, a_port="hca2"), "train-0002", "rail 2 on a leaf of rail 1"),
    Case("F13", cable(from_machine, b_index=5, b_port="p03/1"), "train-0002", "elsewhere"),
    Case("F13", cable(from_machine, b_index=32, b_port="p16/2"), "train-0002", "32"),
    Case("F13", switch(LEAF, reserved=(2, 32)), "train-0002", "port 2 is reserved"),
    Case("F13", switch(LEAF, reserved=()), "compute-manager-1", "not reserved"),
    Case("F14", without(from_machine), "train-0002", "7 cables in compute"),
    Case("F14", without(of("oob", "oob")), "train-0001", "0 cables in oob"),
]


def test_a_sound_plan_passes() -> None:
    assert [note for note in review(PLAN) if note.id.startswith("F")] == []


def test_the_sound_plan_holds_everything() -> None:
    assert {it.name for it in PLAN.fabric.networks} == {"compute", "storage", "oob"}
    assert {it.layer for it in PLAN.fabric.cables} == {"node-leaf", "leaf-spine", "oob"}
    assert {it.tier for it in PLAN.fabric.switches} == {"leaf", "spine", "oob"}


def test_every_rule_has_a_case() -> None:
    rules = {rule.id for rule in RULES if rule.id.startswith("F")}
    assert {case.rule for case in CASES} == rules == {f"F{number}" for number in range(1, 15)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.value}")
def test_fires(case: Case) -> None:
    rule = next(rule for rule in RULES if rule.id == case.rule)
    notes = rule.apply(case.change(PLAN))
    hits = [note for note in notes if case.subject in note.subject and case.value in note.value]
    assert hits, notes[:5]
    assert all((note.limit, note.source, note.remedy) for note in hits)


def test_cables_that_are_wrong_in_one_way_are_one_note() -> None:
    """An oob network whose cables all reach a metre: the longest is named, the others counted."""
    cables = [row for row in PLAN.fabric.cables if row.medium == "1000base-t"]
    notes = [note for note in review(reach("1000base-t", 1.0)(PLAN)) if note.id == "F7"]
    longest = max(row.length_m for row in cables)
    long = [row for row in cables if row.length_m > 1.0]
    [note] = notes
    assert f" and {len(long) - 1} more of oob" in note.subject
    assert note.value == f"{longest:g} m at most, of 1000base-t"
    assert note.margin == f"{1 - longest:g} m"


def small(**changes: object) -> Plan:
    """Eight machines on two leaves that four rails share each, joined by 32 cables."""
    network = fabrics.network(1, nodes_per_su=8, tiers=1, rails_per_leaf=4, **changes)
    for tier in ("spines", "cores"):
        del network[tier]
    machines = [fabrics.machine(number) for number in range(1, 9)]
    return make_plan(fabrics.site(fabrics.fabric(compute=network), machines))


def joined(row: Cable) -> bool:
    return row.layer == "leaf-leaf"


PAIR = "compute-leaf-s01-r1-4"

SMALL_CASES = [
    Case("F3", cable(joined, b_device="compute-leaf-s01-r9"), PAIR, "1 leaf-leaf cables"),
    Case("F8", without(joined), PAIR, "32 ports of machines over 31 uplinks"),
    Case("F8", network("compute", nodes_per_su=9), PAIR, "36 ports of machines over 32"),
    Case("F10", without(joined), "network compute", "leaf cables"),
    Case("F10", network("compute", leaf_cables=31), "network compute", "31 leaf cables"),
    Case("F10", network("compute", su_max=3), "network compute", "1 tiers"),
    Case("F13", cable(from_machine, a_port="hca5"), "train-0002", "a leaf of rail 1 to 4"),
    Case("F13", cable(from_machine, a_port="hca2"), "train-0002", "on port 1 of 4"),
    Case("F13", network("compute", nodes_per_su=1), "train-0002", "port 2 of 1 places"),
]


def test_leaves_that_rails_share_pass() -> None:
    assert [note for note in review(small()) if note.id.startswith("F")] == []


@pytest.mark.parametrize("case", SMALL_CASES, ids=lambda case: f"{case.rule}-{case.value}")
def test_fires_on_leaves_that_rails_share(case: Case) -> None:
    rule = next(rule for rule in RULES if rule.id == case.rule)
    notes = rule.apply(case.change(small()))
    assert [n for n in notes if case.subject in n.subject and case.value in n.value], notes[:5]


def mixed() -> Plan:
    """Two machines of 8 rails in unit 1, two of 4 rails in unit 2."""
    sheet = fabrics.network(2, nodes_per_su=2, pools={"train": 1, "serve": 2})
    sheet |= {"pool_rails": {"serve": 4}}
    del sheet["cores"]
    machines = [fabrics.machine(1), fabrics.machine(2)]
    machines += [fabrics.machine(it, "serve", 2) for it in (1, 2)]
    pools = (fabrics.TRAIN, fabrics.SERVE)
    return make_plan(fabrics.site(fabrics.fabric(compute=sheet), machines, pools=pools))


def serves(row: Cable) -> bool:
    return row.a_device == "serve-0002"


def no_switch(name: str) -> Change:
    def changed(plan: Plan) -> Plan:
        kept = tuple(it for it in plan.fabric.switches if it.name != name)
        return replace(plan, fabric=replace(plan.fabric, switches=kept))

    return changed


MIXED_CASES = [
    Case("F8", network("compute", nodes_per_su=33), "compute-leaf-s02-r4", "33 machines over 32"),
    Case("F10", network("compute", leaves=16), "network compute", "16 leaves"),
    Case("F10", no_switch("compute-leaf-s02-r4"), "network compute", "12 leaves in the summary"),
    Case("F10", network("compute", pool_rails={}), "network compute", "12 leaves"),
    Case("F10", network("compute", pool_units={}), "network compute", "12 leaves"),
    Case("F13", cable(serves, a_port="hca5", b_device=LEAF[:-1] + "5"), "serve", "5, of 4 rails"),
    Case("F14", without(serves), "serve-0002", "3 cables in compute"),
    Case("F14", without(from_machine), "train-0002", "7 cables in compute"),
    Case("F14", network("compute", pool_rails={"serve": 5, "train": 8}), "serve-0001", "4 cables"),
]


def test_machines_with_fewer_rails_pass() -> None:
    assert [note for note in review(mixed()) if note.id.startswith("F")] == []


@pytest.mark.parametrize("case", MIXED_CASES, ids=lambda case: f"{case.rule}-{case.value}")
def test_fires_on_machines_with_fewer_rails(case: Case) -> None:
    rule = next(rule for rule in RULES if rule.id == case.rule)
    notes = rule.apply(case.change(mixed()))
    assert [n for n in notes if case.subject in n.subject and case.value in n.value], notes[:5]
