"""Which part of the plan each resource is handed: plain inputs, readable by a policy."""

from __future__ import annotations

from bloomery.plan.model import NodePlan, Plan
from bloomery.plan.wire import Wire, props


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
