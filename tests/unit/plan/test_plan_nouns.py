"""The nouns of a plan, each on the lab and on small changes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.plan import Plan, make_plan
from bloomery.plan.model import CoolingPlan, FabricPlan, NodePlan, StoragePlan
from bloomery.plan.runs import plan_runs
from bloomery.plan.strides import host_address, host_mac
from bloomery.runs.registry import run_kinds
from bloomery.site import Site, load
from bloomery.site.cluster.sheet import Cluster

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def lab() -> Site:
    return load(ROOT / "inventories" / "lab")


@pytest.fixture(scope="module")
def plan(lab: Site) -> Plan:
    return make_plan(lab)


@pytest.mark.parametrize(
    ("cidr", "rack", "unit", "address"),
    [
        ("10.77.0.0/16", 1, 4, "10.77.1.4"),
        ("10.77.0.0/16", 255, 60, "10.77.255.60"),
        ("10.64.0.0/12", 300, 1, "10.65.44.1"),
        ("10.77.128.0/17", 2, 3, "10.77.130.3"),
    ],
)
def test_host_address_is_a_stride(cidr: str, rack: int, unit: int, address: str) -> None:
    assert host_address(cidr, rack, unit) == address


def test_host_mac_is_pinned() -> None:
    """Live machines carry it: the way it is derived can never change."""
    assert host_mac("6d0f7a10-5c1e-4b8a-9a53-770100000001") == "02:15:26:57:35:04"


def test_image_comes_from_the_controller_unless_said(lab: Site) -> None:
    image = "bloomery-lab-2026.11.iso"
    assert make_plan(lab).metal.nodes[0].image == f"https://127.77.0.1:8480/media/{image}"
    depot = lab.depot.model_copy(update={"media": "https://10.0.0.9/os"})
    moved = make_plan(lab.model_copy(update={"depot": depot}))
    assert moved.metal.nodes[0].image == f"https://10.0.0.9/os/{image}"
    depot = lab.depot.model_copy(update={"url": "https://10.0.0.9"})
    moved = make_plan(lab.model_copy(update={"depot": depot}))
    assert moved.metal.nodes[0].image == f"https://127.77.0.1/media/{image}"


def test_pool_bios_overrides_the_model(plan: Plan) -> None:
    assert plan.node("train-01").bios == {
        **plan.node("mgmt-01").bios,
        "WorkloadProfile": "MaxPerformance",
    }


def test_reinstall_concerns_one_machine(lab: Site, plan: Plan) -> None:
    wanted = make_plan(lab.model_copy(update={"reinstall": {"train-02": 7}}))
    generations = {node.name: node.install_generation for node in wanted.metal.nodes}
    assert generations == {"mgmt-01": 1, "serve-01": 1, "train-01": 1, "train-02": 7}
    assert wanted.node("train-01") == plan.node("train-01")


def test_key_epoch_and_generation_are_apart(lab: Site) -> None:
    trust = lab.trust.model_copy(update={"key_epoch": 4})
    nodes = make_plan(lab.model_copy(update={"trust": trust})).metal.nodes
    assert {(node.key_epoch, node.install_generation) for node in nodes} == {(4, 1)}


def test_runs_come_in_the_order_they_need_each_other(plan: Plan) -> None:
    seen: set[str] = set()
    for run in plan.runs:
        assert set(run.needs) <= seen
        seen.add(run.name)
    assert seen == {"base-mgmt", "base-serve", "base-train", "slurm", "train", "serve"}
    assert plan.site.runs == ("base", "slurm", "train", "serve")


def test_metal_runs_pool_by_pool_and_the_management_machines_come_first(plan: Plan) -> None:
    base = {run.name: run for run in plan.runs if run.kind == "base"}
    assert {name: (run.layer, run.hosts) for name, run in base.items()} == {
        "base-mgmt": ("base", ("mgmt-01",)),
        "base-serve": ("metal", ("serve-01",)),
        "base-train": ("metal", ("train-01", "train-02")),
    }
    slurm = next(run for run in plan.runs if run.kind == "slurm")
    assert (slurm.layer, slurm.needs) == ("cluster", ("base-mgmt", "base-serve", "base-train"))


def test_a_run_waits_for_its_own_layer_and_those_below(
    lab: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One on the management machines never waits for machines that come up after them."""
    base = run_kinds()["base"]
    extra = replace(base, name="guard", noun="cooling", groups={"management": "g"}, needs=("base",))
    driver = replace(base, name="driver", groups={"training": "training"}, needs=("base",))
    kinds = {"base": base, "guard": extra, "driver": driver}
    monkeypatch.setattr("bloomery.plan.runs.run_kinds", lambda: kinds)
    chosen = lab.model_copy(update={"cluster": Cluster.model_construct(runs=tuple(kinds))})
    air = make_plan(lab)
    assert "guard" not in [run.kind for run in plan_runs(chosen, air)], "there is no loop to guard"
    liquid = make_plan(load(ROOT / "inventories" / "example-whole")).cooling
    made = plan_runs(chosen, replace(air, cooling=liquid))
    assert [(run.name, run.needs) for run in made] == [
        ("base-mgmt", ()),
        ("guard", ("base-mgmt",)),
        ("base-serve", ()),
        ("base-train", ()),
        ("driver-train", ("base-mgmt", "base-train")),
    ]


def test_variables_are_typed_and_a_pool_may_have_its_own(
    lab: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def variables(site: Site, plan: Plan, host: NodePlan) -> dict[str, object]:
        return {"version": {"mgmt": "580", "serve": "590"}.get(host.pool, "590"), "port": 8000}

    one = replace(run_kinds()["base"], noun="cluster", variables=variables)
    monkeypatch.setattr("bloomery.plan.runs.run_kinds", lambda: {"base": one})
    (run,) = plan_runs(lab.model_copy(update={"cluster": Cluster(runs=("base",))}), make_plan(lab))
    assert run.vars["port"] == 8000 and "version" not in run.vars
    assert run.host_vars == {
        "mgmt-01": {"version": "580"},
        **{name: {"version": "590"} for name in ("serve-01", "train-01", "train-02")},
    }


def test_only_the_training_run_proves(plan: Plan) -> None:
    assert [run.name for run in plan.runs if run.proof] == ["train"]


def test_groups(plan: Plan) -> None:
    """All that templates list: of the base every machine, of a server none beside it."""
    groups = {run.name: run.groups for run in plan.runs}
    assert (
        groups["base-train"]
        == groups["base-mgmt"]
        == {
            "management": ("mgmt-01",),
            "serving": ("serve-01",),
            "training": ("train-01", "train-02"),
        }
    )
    assert set(groups["slurm"]) == set(groups["train"]) == {"management", "training"}
    assert groups["serve"] == {"serving": ("serve-01",)}


def test_variables_of_the_lab(plan: Plan) -> None:
    (serve,) = (run for run in plan.runs if run.kind == "serve")
    assert serve.vars == {
        "site": "lab",
        "depot_url": "http://10.77.0.1:8480",
        "depot_suite": "lab-2026.11",
        "model_name": "tiny",
        "serve_port": 8000,
    }


def test_no_cluster_no_runs(lab: Site) -> None:
    bare = make_plan(lab.model_copy(update={"cluster": None}))
    assert bare.runs == bare.site.runs == ()
    assert bare.cluster.endpoint == ""


def test_endpoint_needs_a_run_and_a_machine(lab: Site, plan: Plan) -> None:
    assert plan.cluster.endpoint == "http://10.77.1.4:8000"
    base_only = make_plan(lab.model_copy(update={"cluster": Cluster(runs=("base",))}))
    assert (base_only.cluster.endpoint, base_only.cluster.model_name) == ("", "")
    others = tuple(machine for machine in lab.machines if machine.pool != "serve")
    nobody = make_plan(lab.model_copy(update={"machines": others}))
    assert nobody.cluster.endpoint == ""


def test_a_site_that_says_nothing_of_a_noun_has_nothing_of_it(plan: Plan) -> None:
    assert plan.cooling == CoolingPlan()
    assert plan.fabric == FabricPlan()
    assert plan.storage == StoragePlan()


def test_no_secret_is_in_a_plan(plan: Plan) -> None:
    """Secrets are derived by the provider; the plan only names the variables they go to."""
    assert [run.derived_secrets for run in plan.runs if run.derived_secrets] == [("munge_key",)]
    text = plan.to_json().decode().lower()
    for said in ('"derived_secrets"', '"secret_max_age_days"'):
        text = text.replace(said, "")
    assert not [word for word in ("password", "secret", "private key", "token") if word in text]
