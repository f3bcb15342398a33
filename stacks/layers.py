"""All layers of a small site in one stack, each after the one below it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

import earlier
from bloomery.cluster.args import ClusterArgs
from bloomery.cluster.component import Cluster
from bloomery.cooling.args import CoolantLoopArgs
from bloomery.cooling.component import CoolantLoop
from bloomery.fabric.args import FabricArgs
from bloomery.fabric.component import Fabric
from bloomery.metal.args import NodePoolArgs
from bloomery.metal.component import NodePool
from bloomery.nouns import CARRYING, LAYERS, layer_of
from bloomery.plan.impact import Impact
from bloomery.plan.model import Plan, RunPlan
from bloomery.plan.resource_inputs import (
    host_props,
    loop_slices,
    network_slices,
    node_props,
    site_props,
    tier_slices,
)
from bloomery.plan.wire import Wire
from bloomery.resources.acceptance import Acceptance
from bloomery.resources.claim import Claim, claim_inputs
from bloomery.resources.layer import Layer, layer_inputs
from bloomery.resources.machines import Machines
from bloomery.resources.site import Site
from bloomery.statedir import StateDir
from bloomery.storage.args import StorageTierArgs
from bloomery.storage.component import StorageTier

Options = pulumi.ResourceOptions
Slice = Mapping[str, Wire]
Claims = tuple[Claim, ...]


@dataclass
class Stack:
    """What is registered so far."""

    plan: Plan
    site: Site
    machines: Machines
    claims: list[Claim] = field(default_factory=list)
    after: list[pulumi.Resource] = field(default_factory=list)
    """What the next layer waits for."""

    def runs(self, layer: str, thing: str = "") -> Sequence[RunPlan]:
        """Runs of a layer, or of one thing in it."""
        found = (run for run in self.plan.runs if run.layer == layer)
        return [run for run in found if thing in ("", run.thing)]

    def options(self, earlier_name: str = "") -> Options:
        """Options of a component; ``earlier_name`` is what the last release called it."""
        alias = pulumi.Alias(name=earlier_name) if earlier_name else None
        return Options(parent=self.site, aliases=[alias] if alias else None)


def build(plan: Plan, found: Impact) -> Acceptance:
    """Layer by layer; returns the acceptance, which comes last."""
    site = Site(plan.site.name, site_props(plan, found))
    hosts = {node.name: host_props(node) for node in plan.metal.nodes}
    stack = Stack(plan, site, Machines(plan.site.name, hosts, earlier.runs(plan)))
    for layer in LAYERS:
        before = set(stack.machines.nodes), set(stack.machines.runs)
        BUILDERS[layer](stack, layer)
        _close(stack, layer, *before)
    acceptance = Acceptance(
        "acceptance",
        {"site": plan.site.name, "planDigest": plan.digest, **claim_inputs(stack.claims)},
        pulumi.ResourceOptions(parent=site, aliases=[earlier.acceptance()]),
    )
    outputs(plan, stack, acceptance)
    return acceptance


def pools(stack: Stack, layer: str) -> None:
    """One component a pool: management pools in the base, the others in the metal."""
    plan = stack.plan
    members: dict[str, dict[str, dict[str, Wire]]] = {}
    for node in plan.metal.nodes:
        if layer_of("metal", node.purpose) == layer:
            members.setdefault(node.pool, {})[node.name] = node_props(plan, node)
    for pool, nodes in sorted(members.items()):
        args = NodePoolArgs(
            pool,
            nodes,
            stack.machines,
            stack.runs(layer, pool),
            tuple(stack.after),
            plan.site.protect,
        )
        stack.claims += NodePool(pool, args, stack.options()).claims


def networks(stack: Stack, layer: str) -> None:
    """One component a network."""

    def one(name: str, part: Slice, runs: Sequence[RunPlan], opts: Options) -> Claims:
        return Fabric(name, FabricArgs(part, stack.machines, runs, tuple(stack.after)), opts).claims

    _each(stack, layer, network_slices(stack.plan), one, earlier.FABRIC)


def loops(stack: Stack, layer: str) -> None:
    """One component a coolant loop."""

    def one(name: str, part: Slice, runs: Sequence[RunPlan], opts: Options) -> Claims:
        args = CoolantLoopArgs(part, stack.machines, runs, tuple(stack.after))
        return CoolantLoop(name, args, opts).claims

    _each(stack, layer, loop_slices(stack.plan), one, earlier.COOLING)


def tiers(stack: Stack, layer: str) -> None:
    """One component a storage tier."""

    def one(name: str, part: Slice, runs: Sequence[RunPlan], opts: Options) -> Claims:
        args = StorageTierArgs(part, stack.machines, runs, tuple(stack.after))
        return StorageTier(name, args, opts).claims

    _each(stack, layer, tier_slices(stack.plan), one, earlier.STORAGE)


def _each(
    stack: Stack,
    layer: str,
    slices: Mapping[str, Slice],
    one: Callable[[str, Slice, Sequence[RunPlan], Options], Claims],
    was: str,
) -> None:
    """One component a thing. The first registers the runs of the whole noun, and is what the last
    release called ``was``.
    """
    for number, (name, part) in enumerate(slices.items()):
        first = not number
        opts = stack.options(was if first else "")
        stack.claims += one(name, part, stack.runs(layer) if first else (), opts)


def cluster(stack: Stack, layer: str) -> None:
    """The cluster, and what it serves."""
    args = ClusterArgs(stack.plan.cluster, stack.machines, stack.runs(layer), tuple(stack.after))
    stack.claims += Cluster("cluster", args, stack.options()).claims


BUILDERS: Mapping[str, Callable[[Stack, str], None]] = {
    "base": pools,
    "fabric": networks,
    "cooling": loops,
    "metal": pools,
    "storage": tiers,
    "cluster": cluster,
}
"""Layer -> what registers it."""


def _close(stack: Stack, layer: str, nodes_before: set[str], runs_before: set[str]) -> None:
    """Have the next layer wait for this one, where it carries the machines. Above them each run
    waits for the machines it is for, so that one that is stuck stops no other.
    """
    machines = stack.machines
    nodes = {name: it for name, it in machines.nodes.items() if name not in nodes_before}
    plans = {run.name: run for run in stack.plan.runs}
    runs = {
        name: (plans[name], it) for name, it in machines.runs.items() if name not in runs_before
    }
    if layer not in CARRYING:
        stack.after += [run for _, run in runs.values()]
    elif nodes or runs:
        inputs = layer_inputs(machines.site, layer, nodes, runs)
        options = pulumi.ResourceOptions(parent=stack.site, depends_on=[*stack.after])
        stack.after = [Layer(layer, inputs, options)]


def outputs(plan: Plan, stack: Stack, acceptance: Acceptance) -> None:
    """What a stack tells: inventory, endpoints, page, record."""
    state = StateDir.of(plan.site.name, os.environ)
    nodes = stack.machines.nodes
    addresses = {node.name: node.host.address for node in plan.metal.nodes}
    pulumi.export(
        "inventory", {n: {"address": addresses[n], "phase": nodes[n].phase} for n in nodes}
    )
    pulumi.export("endpoints", {"serving": plan.cluster.endpoint} if plan.cluster.endpoint else {})
    pulumi.export("page", str(state.report / "index.html"))
    pulumi.export("record", acceptance.measurement)
