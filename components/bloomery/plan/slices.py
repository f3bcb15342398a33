"""Which part of the plan each resource is handed: plain inputs, readable by a policy."""

from __future__ import annotations

from bloomery.plan.model import NodePlan, Plan
from bloomery.plan.wire import Wire, props, to_wire


def site_props(plan: Plan) -> dict[str, Wire]:
    """Inputs of the Site resource: what holds for all, and which plan it is."""
    return {**props(plan.site), "planDigest": plan.digest}


def node_props(plan: Plan, node: NodePlan) -> dict[str, Wire]:
    """Inputs of one Node resource."""
    site = plan.site
    return {
        **props(node),
        "site": site.name,
        "onDelete": site.on_delete,
        "controllerOob": site.controller_oob,
    }


def host_props(node: NodePlan) -> dict[str, Wire]:
    """What a Run needs to know of a host before it exists."""
    return {
        "address": node.host.address,
        "sshPort": node.host.ssh_port,
        "user": node.host.user,
        "systemUuid": node.identity.system_uuid,
        "keyEpoch": node.key_epoch,
    }


def fabric_props(plan: Plan) -> dict[str, Wire]:
    """Inputs of the Fabric component: the sums of each network, not its cables."""
    return {"networks": to_wire(plan.fabric.networks), "tenants": to_wire(plan.fabric.tenants)}


def cooling_props(plan: Plan) -> dict[str, Wire]:
    """Inputs of the CoolantLoop component: loops and CDUs."""
    return props(plan.cooling)


def storage_props(plan: Plan) -> dict[str, Wire]:
    """Inputs of the StorageTier component: tiers and the jobs they are sized for."""
    return props(plan.storage)
