"""Which part of the plan each resource is handed: plain inputs, readable by a policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bloomery.plan.impact import Impact, impact
from bloomery.plan.model import NodePlan, Plan
from bloomery.plan.spare import spare
from bloomery.plan.wire import Wire, props, to_wire


def site_props(plan: Plan, found: Impact | None = None) -> dict[str, Wire]:
    """Inputs of the Site resource: what holds for all, which plan it is, and what it does.

    ``found`` is the impact of the change; left out, it is that of building from nothing.
    """
    return {
        **props(plan.site),
        "planDigest": plan.digest,
        "spare": props(spare(plan)),
        "impact": impact_props(found or impact(None, plan)),
    }


def impact_props(found: Impact) -> dict[str, Wire]:
    """The impact as counts: what a policy judges. The names are in the preview's table."""
    return {
        "unknown": found.unknown,
        "previous": found.previous,
        "hours": round(found.hours, 3),
        "liveHours": round(found.live_hours, 3),
        "moves": to_wire(found.moves),
        "rings": [
            {
                "pool": ring.pool,
                "ring": ring.ring,
                "new": len(ring.new),
                "reboots": len(ring.reboots),
                "wipes": len(ring.wipes),
                "hours": ring.hours,
            }
            for ring in found.rings
        ],
        # Left out where there are none: a site that knows no such disks keeps its inputs.
        **({"unlaid": to_wire(found.unlaid)} if found.unlaid else {}),
        "leaving": {group.pool: len(group.nodes) for group in found.leaving},
        "pools": to_wire(found.pools),
        "switches": len(found.switches),
        "ports": sum(switch.ports for switch in found.switches),
        **_software(found),
    }


def _software(found: Impact) -> dict[str, Wire]:
    """Live machines whose software changes, pool by pool, and what it takes; no key where none
    does."""
    rows: list[Wire] = [
        {
            "pool": one.pool,
            "nodes": len(one.nodes),
            "changes": len(one.changes),
            "effect": one.effect,
        }
        for one in found.software
    ]
    return {"software": rows} if rows else {}


def node_props(plan: Plan, node: NodePlan) -> dict[str, Wire]:
    """Inputs of one Node resource: without what only people read, so that another asset tag is no
    change of the machine."""
    site = plan.site
    return {
        **props(replace(node, further={})),
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


def network_slices(plan: Plan) -> Mapping[str, dict[str, Wire]]:
    """Network -> properties of its Fabric component: its sums and tenants, not its cables."""
    return {
        network.name: {"networks": to_wire([network]), "tenants": to_wire(plan.fabric.tenants)}
        for network in plan.fabric.networks
    }


def loop_slices(plan: Plan) -> Mapping[str, dict[str, Wire]]:
    """Coolant loop -> properties of its CoolantLoop component: the loop and its CDUs."""
    return {
        loop.name: {
            "loops": to_wire([loop]),
            "cdus": to_wire([cdu for cdu in plan.cooling.cdus if cdu.loop == loop.name]),
        }
        for loop in plan.cooling.loops
    }


def tier_slices(plan: Plan) -> Mapping[str, dict[str, Wire]]:
    """Storage tier -> properties of its StorageTier component: the tier, the jobs it is sized
    for, and where data may lie: a policy sees one resource at a time."""
    return {
        tier.name: {
            "tiers": to_wire([tier]),
            "checkpoints": to_wire([it for it in plan.storage.checkpoints if it.tier == tier.name]),
            "location": plan.site.location,
            "allowedLocations": to_wire(plan.site.allowed_locations),
        }
        for tier in plan.storage.tiers
    }
