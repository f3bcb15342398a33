"""All layers of a small site in one stack, in their order."""

from __future__ import annotations

import os

import pulumi

from bloomery.cluster.args import ClusterArgs
from bloomery.cluster.component import Cluster
from bloomery.cooling.args import CoolantLoopArgs
from bloomery.cooling.component import CoolantLoop
from bloomery.fabric.args import FabricArgs
from bloomery.fabric.component import Fabric
from bloomery.metal.args import NodePoolArgs
from bloomery.metal.component import NodePool
from bloomery.plan.impact import Impact
from bloomery.plan.model import Plan
from bloomery.plan.resource_inputs import (
    cooling_props,
    fabric_props,
    host_props,
    node_props,
    site_props,
    storage_props,
)
from bloomery.resources.node import Node
from bloomery.resources.site import Site
from bloomery.statedir import StateDir
from bloomery.storage.args import StorageTierArgs
from bloomery.storage.component import StorageTier


def build(plan: Plan, found: Impact) -> None:
    """fabric -> cooling -> metal -> storage -> cluster."""
    site = Site(plan.site.name, site_props(plan, found))
    child = pulumi.ResourceOptions(parent=site)
    Fabric("fabric", FabricArgs(plan.site.name, fabric_props(plan)), child)
    CoolantLoop("coolant", CoolantLoopArgs(plan.site.name, cooling_props(plan)), child)
    nodes = metal(plan, child)
    StorageTier("storage", StorageTierArgs(plan.site.name, storage_props(plan)), child)
    cluster = Cluster(
        "cluster",
        ClusterArgs(
            site=plan.site.name,
            plan_digest=plan.digest,
            plan=plan.cluster,
            hosts={node.name: host_props(node) for node in plan.metal.nodes},
            nodes=nodes,
        ),
        child,
    )
    outputs(plan, nodes, cluster)


def metal(plan: Plan, child: pulumi.ResourceOptions) -> dict[str, Node]:
    """One component per pool; returns all nodes by name."""
    nodes: dict[str, Node] = {}
    for pool in sorted({node.pool for node in plan.metal.nodes}):
        members = {n.name: node_props(plan, n) for n in plan.metal.nodes if n.pool == pool}
        args = NodePoolArgs(plan.site.name, pool, members, plan.site.protect)
        nodes |= NodePool(pool, args, child).nodes
    return nodes


def outputs(plan: Plan, nodes: dict[str, Node], cluster: Cluster) -> None:
    """What a stack tells: inventory, endpoints, page, record."""
    state = StateDir.of(plan.site.name, os.environ)
    addresses = {node.name: node.host.address for node in plan.metal.nodes}
    pulumi.export(
        "inventory", {n: {"address": addresses[n], "phase": nodes[n].phase} for n in nodes}
    )
    pulumi.export("endpoints", {"serving": plan.cluster.endpoint} if plan.cluster.endpoint else {})
    pulumi.export("page", str(state.report / "index.html"))
    pulumi.export("record", cluster.acceptance.measurement)
