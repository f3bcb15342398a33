"""The tree of resources: tokens, parents, properties, protection, and what waits for what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from mock_engine import Monitor, build

from bloomery.plan import make_plan
from bloomery.plan.model import ClusterPlan, Plan
from bloomery.plan.resource_inputs import host_props, node_props, site_props
from bloomery.site import load

REPO = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "lab-urns.txt"

TOKENS = {
    "bloomery:site:Site": True,
    "bloomery:fabric:Fabric": False,
    "bloomery:cooling:CoolantLoop": False,
    "bloomery:metal:NodePool": False,
    "bloomery:metal:Node": True,
    "bloomery:storage:StorageTier": False,
    "bloomery:cluster:Cluster": False,
    "bloomery:ansible:Run": True,
    "bloomery:evidence:Acceptance": True,
}
"""Token -> whether it is a resource of the provider; components are not."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(load(REPO / "inventories" / "lab"))


@pytest.fixture(scope="module")
def lab(plan: Plan) -> Monitor:
    return build(plan)


def plain(value):
    """As numbers come off the wire."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def test_urns_of_the_lab_never_change(lab: Monitor) -> None:
    """A changed line means that live machines would be deleted and made anew."""
    assert "\n".join(sorted(lab.seen)) + "\n" == GOLDEN.read_text()


def test_preview_registers_the_same_tree(plan: Plan, lab: Monitor) -> None:
    """No resource is made inside an apply, so a plan of unknown outputs is complete."""
    assert set(build(plan, preview=True).seen) == set(lab.seen)


def test_tokens(lab: Monitor) -> None:
    assert {one.type: one.custom for one in lab.seen.values()} == TOKENS


def test_provider_serves_every_custom_token() -> None:
    from bloomery.provider.schema import REQUIRED

    assert set(REQUIRED) == {token for token, custom in TOKENS.items() if custom}


def test_parents(lab: Monitor) -> None:
    site = lab.named("lab")
    for one in lab.seen.values():
        if one.type == "bloomery:site:Site":
            continue
        parent = lab.seen[one.parent]
        expected = {
            "bloomery:metal:Node": "bloomery:metal:NodePool",
            "bloomery:ansible:Run": "bloomery:cluster:Cluster",
            "bloomery:evidence:Acceptance": "bloomery:cluster:Cluster",
        }.get(one.type, "bloomery:site:Site")
        assert parent.type == expected, one.urn
        if expected == "bloomery:site:Site":
            assert parent == site


def test_what_policies_read_is_plain(plan: Plan, lab: Monitor) -> None:
    assert plain(lab.named("lab").props) == plain(site_props(plan))
    for node in plan.metal.nodes:
        assert plain(lab.named(node.name).props) == plain(node_props(plan, node))
        assert not any(lab.named(node.name).depends.values())
    pool = lab.named("train").props
    assert pool == {"site": "lab", "pool": "train", "nodes": ["train-01", "train-02"]}
    for name in ("fabric", "coolant", "storage"):
        assert "slice" in lab.named(name).props, name
    assert lab.named("coolant").props["slice"] == {"loops": [], "cdus": []}  # type: ignore[index]
    cluster = lab.named("cluster").props
    assert [run["name"] for run in cluster["runs"]] == ["base", "slurm", "train", "serve"]  # type: ignore[index,attr-defined]


def test_every_component_closes_its_registration(lab: Monitor) -> None:
    components = {one.urn for one in lab.seen.values() if not one.custom}
    assert components <= set(lab.outputs)
    assert lab.outputs[lab.named("cluster").urn] == {"outcome": "pass"}


def test_run_is_told_hosts_readiness_and_what_went_before(plan: Plan, lab: Monitor) -> None:
    train = lab.named("run-train").props
    names = ["mgmt-01", "train-01", "train-02"]
    assert sorted(train["hosts"]) == names  # type: ignore[call-overload]
    assert plain(train["hosts"]["train-01"]) == plain(  # type: ignore[index,call-overload]
        {**host_props(plan.node("train-01")), "installId": "install-train-01"}
    )
    assert train["ready"] == dict.fromkeys(names, True)
    assert train["upstream"] == {"slurm": []}
    assert train["given"] == {"said_by_run-slurm": "1"}
    assert train["proof"] is True and lab.named("run-base").props["proof"] is False
    assert lab.named("run-base").props["given"] == {}
    assert lab.named("run-slurm").props["derivedSecrets"] == ["munge_key"]
    serve = lab.named("run-serve").props
    assert serve["given"] == {"said_by_run-base": "1", "said_by_run-train": "1"}


def test_acceptance_is_told_once_what_is_the_same_of_all_hosts(plan: Plan, lab: Monitor) -> None:
    told = lab.named("acceptance").props
    assert sorted(told["everyHost"]) == ["keyEpoch", "sshPort", "user"]  # type: ignore[call-overload]
    for node in plan.metal.nodes:
        whole = {**told["everyHost"], **told["hosts"][node.name]}  # type: ignore[dict-item,index,call-overload]
        assert plain(whole) == plain(host_props(node))


def test_runs_wait_for_their_nodes_and_for_each_other(lab: Monitor) -> None:
    base = lab.named("run-base")
    assert set(base.depends["ready"]) == {
        lab.named(name).urn for name in ("mgmt-01", "serve-01", "train-01", "train-02")
    }
    assert lab.named("run-slurm").depends["upstream"] == (base.urn,)
    serve = lab.named("run-serve")
    assert set(serve.depends["upstream"]) == {base.urn, lab.named("run-train").urn}


def test_acceptance_waits_for_all_and_takes_the_nonce_of_the_proof(lab: Monitor) -> None:
    acceptance = lab.named("acceptance")
    waits = {urn for urns in acceptance.depends.values() for urn in urns}
    custom = {
        one.urn
        for one in lab.seen.values()
        if one.type in ("bloomery:metal:Node", "bloomery:ansible:Run")
    }
    assert waits == custom
    assert acceptance.props["nonce"] == "nonce-run-train"
    assert acceptance.props["modelName"] == "tiny"
    assert str(acceptance.props["endpoint"]).endswith(":8000")
    assert sorted(acceptance.props["nodes"]["train-01"]) == [  # type: ignore[index,call-overload]
        "nextStep",
        "phase",
        "ready",
        "reason",
    ]


def test_nodes_are_protected_where_the_site_says_so(plan: Plan, lab: Monitor) -> None:
    assert not any(one.protect for one in lab.seen.values())
    guarded = build(replace(plan, site=replace(plan.site, protect=True)))
    protected = {one.type for one in guarded.seen.values() if one.protect}
    assert protected == {"bloomery:metal:Node"}
    unprotected = [
        one.urn
        for one in guarded.seen.values()
        if one.type == "bloomery:metal:Node" and not one.protect
    ]
    assert unprotected == []
    assert set(guarded.seen) == set(lab.seen), "protection is no part of an identity"


def test_site_without_a_cluster_is_accepted_by_its_nodes_alone(plan: Plan) -> None:
    bare = build(replace(plan, cluster=ClusterPlan()))
    assert not [one for one in bare.seen.values() if one.type == "bloomery:ansible:Run"]
    acceptance = bare.named("acceptance").props
    assert (acceptance["nonce"], acceptance["endpoint"], acceptance["runs"]) == ("", "", {})
    assert sorted(acceptance["nodes"]) == ["mgmt-01", "serve-01", "train-01", "train-02"]  # type: ignore[call-overload]


def test_growing_a_pool_moves_nobody(plan: Plan, lab: Monitor) -> None:
    fewer = tuple(node for node in plan.metal.nodes if node.name != "train-01")
    groups = {"management": ("mgmt-01",), "training": ("train-02",), "serving": ("serve-01",)}
    runs = tuple(
        replace(run, groups={key: groups[key] for key in run.groups}) for run in plan.cluster.runs
    )
    small = build(
        replace(
            plan,
            metal=replace(plan.metal, nodes=fewer),
            cluster=replace(plan.cluster, runs=runs),
        )
    )
    assert set(lab.seen) - set(small.seen) == {lab.named("train-01").urn}
    assert set(small.seen) <= set(lab.seen)
    assert small.named("train-02") == lab.named("train-02")
