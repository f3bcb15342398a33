"""What runs on the machines: the playbooks, their groups, their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bloomery.catalogue import release
from bloomery.plan.capacity import plan_capacity, plan_projects
from bloomery.plan.cost import plan_cost
from bloomery.plan.model import ClusterPlan, MetalPlan, NodePlan, RunPlan
from bloomery.site import Site
from bloomery.site.cluster.sheet import NEEDS, Cluster, RunName
from bloomery.site.metal.sheet import Purpose

GROUPS: Mapping[RunName, tuple[Purpose, ...]] = {
    "base": ("management", "serving", "training"),
    "slurm": ("management", "training"),
    "train": ("management", "training"),
    "serve": ("serving",),
}
"""Run -> purposes whose machines it converges."""

DERIVED: Mapping[RunName, tuple[str, ...]] = {"slurm": ("munge_key",)}
"""Run -> secret variables that the provider derives: munge's key is the cluster's own."""

PROOF_RUN: RunName = "train"
"""The run whose corpus carries the fresh nonce that the acceptance asks for."""


def plan_cluster(site: Site, metal: MetalPlan) -> ClusterPlan:
    """What runs, what each project was promised, and what a year of it costs."""
    projects = plan_projects(site)
    return replace(
        _runs(site, metal),
        projects=projects,
        capacity=plan_capacity(site, metal, projects),
        cost=plan_cost(site, metal),
    )


def _runs(site: Site, metal: MetalPlan) -> ClusterPlan:
    """Runs in the order they need each other; empty where the site wants none."""
    cluster = site.cluster
    if cluster is None:
        return ClusterPlan()
    serving = _names(metal.nodes, "serving")
    serves = "serve" in cluster.runs and serving
    return ClusterPlan(
        runs=tuple(_run(site, cluster, run, metal) for run in NEEDS if run in cluster.runs),
        endpoint=f"http://{metal_node(metal, serving[0]).host.address}:{cluster.port}"
        if serves
        else "",
        model_name=cluster.model_name if "serve" in cluster.runs else "",
    )


def metal_node(metal: MetalPlan, name: str) -> NodePlan:
    """The machine called ``name``."""
    return next(node for node in metal.nodes if node.name == name)


def _names(nodes: Sequence[NodePlan], purpose: Purpose) -> tuple[str, ...]:
    return tuple(node.name for node in nodes if node.purpose == purpose)


def _run(site: Site, cluster: Cluster, run: RunName, metal: MetalPlan) -> RunPlan:
    groups = {purpose: _names(metal.nodes, purpose) for purpose in GROUPS[run]}
    return RunPlan(
        name=run,
        playbook=run,
        groups={purpose: names for purpose, names in groups.items() if names},
        vars=_vars(site, cluster, run),
        needs=NEEDS[run],
        derived_secrets=DERIVED.get(run, ()),
        proof=run == PROOF_RUN,
    )


def _vars(site: Site, cluster: Cluster, run: RunName) -> dict[str, str]:
    common = {
        "site": site.name,
        "depot_url": site.depot.url,
        "depot_suite": release(site.release).suite,
    }
    match run:
        case "slurm":
            return common | {"cluster_name": site.name}
        case "train":
            return common | {"model_name": cluster.model_name}
        case "serve":
            return common | {"model_name": cluster.model_name, "serve_port": str(cluster.port)}
    return common
