"""The fabric of a whole site, network by network."""

from __future__ import annotations

from collections.abc import Sequence

from bloomery.plan.fabric.host_ports import host_ports
from bloomery.plan.fabric.oob import Oob, plan_oob
from bloomery.plan.fabric.run import runs
from bloomery.plan.fabric.shape import Shape, shapes
from bloomery.plan.fabric.switches import rack_switches
from bloomery.plan.fabric.tenants import plan_tenants
from bloomery.plan.fabric.wiring import Wirer
from bloomery.plan.model import Cable, FabricPlan, NetworkPlan, SwitchPlan
from bloomery.site import Site
from bloomery.site.fabric.addressing import asns
from bloomery.site.fabric.sheet import FabricSheet
from bloomery.site.fabric.switches import full_switch_figures


def plan_fabric(site: Site) -> FabricPlan:
    """Networks of ``site``; empty where it has none of its own.

    Same order every time: networks as ``LAYERS`` has them, then out of band; machines by
    name; switches by tier and index.
    """
    sheet = site.fabric
    if sheet is None:
        return FabricPlan()
    laid = runs(site, sheet)
    machines = sorted(site.machines, key=lambda machine: machine.name)
    networks: list[NetworkPlan] = []
    switches: list[SwitchPlan] = []
    cables: list[Cable] = []
    for shape in shapes(site):
        racked = rack_switches(site, shape)
        rows = list(Wirer(shape, racked, laid).cables(machines))
        networks.append(_tree(shape, rows))
        switches.extend(racked.all())
        cables.extend(rows)
    oob = plan_oob(site, sheet, switches, laid)
    if sheet.oob is not None:
        networks.append(_oob(sheet, oob))
    return FabricPlan(
        networks=tuple(networks),
        switches=(*switches, *oob.switches),
        cables=(*cables, *oob.cables),
        tenants=plan_tenants(sheet.tenants, site.projects),
        media=laid.used(),
        host_ports=host_ports(site),
        systems={key: it.os for key, it in sorted(sheet.switches.items()) if it.os},
    )


def _layers(rows: Sequence[Cable]) -> dict[str, int]:
    counts = {"node-leaf": 0, "leaf-leaf": 0, "leaf-spine": 0, "spine-core": 0, "oob": 0}
    for row in rows:
        counts[row.layer] += 1
    return counts


def _tree(shape: Shape, rows: Sequence[Cable]) -> NetworkPlan:
    network, tree, counts = shape.network, shape.tree, _layers(rows)
    pools = tuple(sorted(network.pools))
    addresses = network.addresses
    numbers = asns(network) if addresses else range(0)
    # Of a network whose machines are all alike nothing is said pool by pool.
    mixed = network.pools if network.pool_rails else ()
    return NetworkPlan(
        name=shape.name,
        kind=network.kind,
        switch_model=network.switch,
        tiers=tree.tiers,
        planes=network.planes,
        rails=network.rails,
        su=network.su,
        nodes_per_su=network.nodes_per_su,
        oversubscription=network.oversubscription,
        speed_gbps=network.speed_gbps,
        leaves=sum(1 for _ in shape.leaves()),
        spines=tree.pods(network.su) * tree.pod_spines * network.planes,
        cores=tree.cores * network.planes,
        node_cables=counts["node-leaf"],
        spine_cables=counts["leaf-spine"],
        core_cables=counts["spine-core"],
        reserved_ports=network.reserved_ports,
        pool=pools[0] if len(pools) == 1 else "",
        pools=pools,
        su_max=network.target,
        loopback_cidr=addresses.loopbacks if addresses else "",
        link_cidr=addresses.links if addresses else "",
        host_cidr=addresses.hosts if addresses else "",
        asn_first=numbers[0] if numbers else 0,
        asn_last=numbers[-1] if numbers else 0,
        node_per_cage=shape.node_per_cage,
        tiers_asked=network.tiers or "",
        rails_per_leaf=tree.rails_per_leaf,
        leaf_cables=counts["leaf-leaf"],
        pool_rails={pool: network.rails_of(pool) for pool in mixed},
        pool_units={pool: network.pools[pool] for pool in mixed},
    )


def _oob(sheet: FabricSheet, oob: Oob) -> NetworkPlan:
    assert sheet.oob is not None  # noqa: S101 - for the type checker: asked by plan_fabric
    counts = _layers(oob.cables)
    upper = sum(switch.tier == "spine" for switch in oob.switches)
    return NetworkPlan(
        name="oob",
        kind="ethernet",
        switch_model=sheet.oob.switch,
        tiers=2 if upper else 1,
        planes=1,
        rails=1,
        su=0,
        nodes_per_su=0,
        oversubscription=0,
        speed_gbps=full_switch_figures(sheet, sheet.oob.switch).access_gbps,
        leaves=len(oob.switches) - upper,
        spines=upper,
        cores=0,
        node_cables=counts["oob"],
        spine_cables=counts["leaf-spine"],
        core_cables=0,
        reserved_ports=sum(len(switch.reserved) for switch in oob.switches),
    )
