"""Racks and machines."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Sequence
from urllib.parse import urlsplit

from bloomery.catalogue import node_model, release
from bloomery.plan.model import (
    BmcPlan,
    FabricPlan,
    HostPlan,
    Identity,
    MetalPlan,
    NodePlan,
    RackPlan,
)
from bloomery.plan.strides import host_address, host_mac
from bloomery.site import Machine, Site
from bloomery.site.metal import Pool, Rack, rack_number


def plan_metal(site: Site, fabric: FabricPlan) -> MetalPlan:
    """Racks in the order of their numbers, machines in the order of their names."""
    del fabric
    pools = {pool.name: pool for pool in site.pools}
    image = release(site.release).medium(media_base(site))
    machines = sorted(site.machines, key=lambda machine: machine.name)
    nodes = tuple(_node(site, pools[machine.pool], machine, image) for machine in machines)
    racks = sorted(site.racks, key=lambda rack: (rack_number(rack.name), rack.name))
    return MetalPlan(racks=tuple(_rack(rack, nodes) for rack in racks), nodes=nodes)


def media_base(site: Site) -> str:
    """Base URL of installation media as the BMCs reach it, for example
    ``https://127.77.0.1:8480/media``."""
    if site.depot.media is not None:
        return site.depot.media
    port = urlsplit(site.depot.url).port
    suffix = f":{port}" if port else ""
    return f"https://{site.networks.oob.controller}{suffix}/media"


def _rack(rack: Rack, nodes: Sequence[NodePlan]) -> RackPlan:
    mine = [node for node in nodes if node.rack == rack.name]
    return RackPlan(
        name=rack.name,
        units=rack.units,
        power_limit_kw=rack.power_kw,
        # Whole watts: a sum of decimals must not carry the noise of binary fractions.
        power_kw=round(math.fsum(node.power_kw for node in mine), 3),
        nodes=tuple(node.name for node in mine),
    )


def _node(site: Site, pool: Pool, machine: Machine, image: str) -> NodePlan:
    model = node_model(pool.model)
    return NodePlan(
        name=machine.name,
        pool=pool.name,
        purpose=pool.purpose,
        model=pool.model,
        rack=machine.rack,
        unit=machine.unit,
        height=model.height,
        power_kw=model.power_kw.value,
        identity=Identity(
            bmc_mac=machine.bmc_mac,
            chassis_serial=machine.chassis_serial,
            system_uuid=machine.system_uuid,
        ),
        bmc=BmcPlan(address=machine.bmc_address, cert_sha256=machine.bmc_cert_sha256),
        host=_host(site, machine),
        image=image,
        bios=dict(sorted({**model.bios, **pool.bios}.items())),
        install_generation=site.reinstall.get(machine.name, site.install_generation),
        key_epoch=site.trust.key_epoch,
    )


def _host(site: Site, machine: Machine) -> HostPlan:
    network = site.networks.provisioning
    return HostPlan(
        address=host_address(network.cidr, rack_number(machine.rack), machine.unit),
        prefix=ipaddress.IPv4Network(network.cidr).prefixlen,
        gateway=network.gateway,
        mac=host_mac(machine.system_uuid),
        ssh_port=network.ssh_port,
        user=network.user,
    )
