"""The tree of resources: tokens, parents, properties, protection, and what waits for what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from mock_engine import Monitor, build, builders

from bloomery.nouns import LAYERS
from bloomery.plan import make_plan
from bloomery.plan.model import ClusterPlan, Plan
from bloomery.plan.resource_inputs import host_props, node_props, site_props
from bloomery.resources.claim import Claim, claim_inputs
from bloomery.site import load

REPO = Path(__file__).parents[3]
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
"""Marks a secret on Pulumi's wire."""

GOLDEN = Path(__file__).parent / "lab-urns.txt"

TOKENS = {
    "bloomery:site:Site": True,
    "bloomery:site:Layer": True,
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
def whole() -> Plan:
    """A site that has networks, loops and tiers."""
    return make_plan(load(REPO / "inventories" / "example-whole"))


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


def test_every_layer_has_a_builder() -> None:
    """Forgotten, every stack would end with a KeyError."""
    assert set(builders()) == set(LAYERS)


def test_urns_of_the_lab_never_change(lab: Monitor) -> None:
    """A changed line means that live machines would be deleted and made anew."""
    assert "\n".join(sorted(lab.seen)) + "\n" == GOLDEN.read_text()


def test_preview_registers_the_same_tree(plan: Plan, lab: Monitor) -> None:
    """No resource is made inside an apply, so a plan of unknown outputs is complete."""
    assert set(build(plan, preview=True).seen) == set(lab.seen)


def test_tokens(lab: Monitor, whole: Plan) -> None:
    seen = {**lab.seen, **build(whole).seen}
    assert {one.type: one.custom for one in seen.values()} == TOKENS


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
        }.get(one.type, "bloomery:site:Site")
        if one.urn.rpartition("::")[2].startswith("run-base"):
            expected = "bloomery:metal:NodePool"
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
    cluster = lab.named("cluster").props
    assert [run["name"] for run in cluster["runs"]] == ["slurm", "train", "serve"]  # type: ignore[index,attr-defined]


def test_one_component_a_network_a_loop_and_a_tier(whole: Plan) -> None:
    """Each with its own slice, in lists, so that a policy reads one and many alike."""
    seen = build(whole)
    found: dict[str, list[str]] = {}
    for one in seen.seen.values():
        found.setdefault(one.type, []).append(one.urn.rpartition("::")[2])
    assert sorted(found["bloomery:fabric:Fabric"]) == sorted(
        it.name for it in whole.fabric.networks
    )
    assert sorted(found["bloomery:cooling:CoolantLoop"]) == [it.name for it in whole.cooling.loops]
    assert sorted(found["bloomery:storage:StorageTier"]) == sorted(
        it.name for it in whole.storage.tiers
    )
    for one in seen.seen.values():
        if "slice" not in one.props:
            continue
        name, part = one.urn.rpartition("::")[2], one.props["slice"]
        assert isinstance(part, dict)
        (thing,) = part.get("networks") or part.get("loops") or part["tiers"]
        assert thing["name"] == name
    loops = [one for one in seen.seen.values() if one.type == "bloomery:cooling:CoolantLoop"]
    cdus = sorted(cdu["name"] for one in loops for cdu in one.props["slice"]["cdus"])  # type: ignore[index]
    assert cdus == sorted(cdu.name for cdu in whole.cooling.cdus)


def test_the_last_release_is_recognised(plan: Plan, lab: Monitor, whole: Plan) -> None:
    """What was called otherwise has an alias, and nothing else has one."""
    cluster = "urn:pulumi:lab::ai-factory::bloomery:site:Site$bloomery:cluster:Cluster"
    known = {one.urn.rpartition("::")[2]: one.aliases for one in lab.seen.values() if one.aliases}
    assert known == {
        "run-base-mgmt": (f"{cluster}$bloomery:ansible:Run::run-base",),
        "acceptance": (f"{cluster}$bloomery:evidence:Acceptance::acceptance",),
    }
    seen = build(whole)
    aliased = {one.aliases for one in seen.seen.values() if not one.custom and one.aliases}
    assert aliased == {("fabric",), ("coolant",), ("storage",)}


def test_every_component_closes_its_registration(lab: Monitor) -> None:
    components = {one.urn for one in lab.seen.values() if not one.custom}
    assert components <= set(lab.outputs)


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
    assert train["proof"] is True and lab.named("run-base-mgmt").props["proof"] is False
    assert lab.named("run-base-mgmt").props["given"] == {}
    assert lab.named("run-slurm").props["derivedSecrets"] == ["munge_key"]
    serve = lab.named("run-serve").props
    assert serve["given"] == {
        f"said_by_run-{name}": "1" for name in ("base-mgmt", "base-serve", "base-train", "train")
    }


def test_run_lists_machines_it_does_not_converge_by_address_alone(lab: Monitor) -> None:
    base = lab.named("run-base-train").props
    assert sorted(base["hosts"]) == ["train-01", "train-02"]  # type: ignore[call-overload]
    assert base["members"] == {"mgmt-01": "10.77.1.1", "serve-01": "10.77.1.4"}
    assert base["groups"]["management"] == ["mgmt-01"]  # type: ignore[index,call-overload]
    assert lab.named("run-serve").props["members"] == {}
    for key in ("needs", "layer", "kind", "noun", "thing"):
        assert key not in base, "what only the programme reads is not told"


def test_acceptance_is_told_once_what_is_the_same_of_all_hosts(plan: Plan, lab: Monitor) -> None:
    told = lab.named("acceptance").props["claims"]["reachable"]  # type: ignore[index,call-overload]
    assert sorted(told["every"]) == ["keyEpoch", "sshPort", "user"]
    for node in plan.metal.nodes:
        whole = {**told["every"], **told["subjects"][node.name]}
        assert whole.pop("standing") == f"2026-11-30T09:00:00Z ready {node.name}"
        assert plain(whole) == plain(host_props(node))


def test_runs_wait_for_their_nodes_and_for_each_other(lab: Monitor) -> None:
    base = lab.named("run-base-train")
    assert set(base.depends["ready"]) == {lab.named(n).urn for n in ("train-01", "train-02")}
    bases = {lab.named(f"run-base-{pool}").urn for pool in ("mgmt", "serve", "train")}
    assert set(lab.named("run-slurm").depends["upstream"]) == bases
    serve = lab.named("run-serve")
    assert set(serve.depends["upstream"]) == {*bases, lab.named("run-train").urn}


def test_no_machine_is_touched_before_the_layers_below_stand(lab: Monitor, whole: Plan) -> None:
    base = lab.named("base")
    assert base.type == "bloomery:site:Layer"
    assert base.after == {lab.named("mgmt-01").urn, lab.named("run-base-mgmt").urn}
    for one in lab.seen.values():
        if one.type == "bloomery:metal:Node":
            management = one.urn.endswith("mgmt-01")
            assert one.after == (frozenset() if management else {base.urn}), one.urn
    assert not lab.named("run-base-mgmt").after & {base.urn}
    for run in ("slurm", "train", "serve"):
        assert {base.urn, lab.named("run-base-train").urn} <= lab.named(f"run-{run}").after


def test_acceptance_is_told_every_claim_and_waits_for_all(lab: Monitor) -> None:
    acceptance = lab.named("acceptance")
    waits = {urn for urns in acceptance.depends.values() for urn in urns}
    custom = {
        one.urn
        for one in lab.seen.values()
        if one.type in ("bloomery:metal:Node", "bloomery:ansible:Run")
    }
    assert waits == custom
    claims = acceptance.props["claims"]
    assert {kind: sorted(told["subjects"]) for kind, told in claims.items()} == {  # type: ignore[attr-defined]
        "reachable": ["mgmt-01", "serve-01", "train-01", "train-02"],
        "converged": [
            f"run {name}"
            for name in ("base-mgmt", "base-serve", "base-train", "serve", "slurm", "train")
        ],
        "serving": ["http://10.77.1.4:8000"],
    }
    nonce = {"serving": {"http://10.77.1.4:8000": {"nonce": "nonce-run-train"}}}
    assert SECRET.items() <= acceptance.props["secrets"].items()  # type: ignore[attr-defined]
    assert acceptance.props["secrets"]["value"] == nonce  # type: ignore[index,call-overload]


def test_a_subject_is_claimed_once() -> None:
    with pytest.raises(ValueError, match="reachable is claimed twice of n01"):
        claim_inputs([Claim("reachable", "n01", {}), Claim("reachable", "n01", {})])


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
    bare = build(replace(plan, cluster=ClusterPlan(), runs=()))
    assert not [one for one in bare.seen.values() if one.type == "bloomery:ansible:Run"]
    acceptance = bare.named("acceptance").props
    assert set(acceptance["claims"]) == {"reachable"}  # type: ignore[call-overload]
    assert "secrets" not in acceptance


def test_growing_a_pool_moves_nobody(plan: Plan, lab: Monitor) -> None:
    sheet = load(REPO / "inventories" / "lab")
    fewer = tuple(it for it in sheet.machines if it.name != "train-01")
    small = build(make_plan(sheet.model_copy(update={"machines": fewer})))
    assert set(lab.seen) - set(small.seen) == {lab.named("train-01").urn}
    assert set(small.seen) <= set(lab.seen)
    assert small.named("train-02") == lab.named("train-02")
