"""Racks and machines."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from bloomery.catalogue import node_model, release
from bloomery.names import plain_number
from bloomery.plan.cdu import ordered_cdus
from bloomery.plan.device_figures import DeviceFigures, plan_models
from bloomery.plan.fabric.rack_parts import rack_parts
from bloomery.plan.model import (
    BmcPlan,
    FabricPlan,
    HallPlan,
    HostPlan,
    Identity,
    MetalPlan,
    ModelPlan,
    NodePlan,
    OsDiskPlan,
    RackItem,
    RackPartPlan,
    RackPlan,
)
from bloomery.plan.power import plan_power
from bloomery.plan.strides import host_address, host_mac, network
from bloomery.site import Machine, Site
from bloomery.site.metal.os_disk import NONE, OsDisk
from bloomery.site.metal.sheet import Pool, Rack
from bloomery.site.types.name_range import expand_all

WATTS = 3
"""Decimals of a sum in kW: one of decimals must not carry the noise of binary fractions."""

Placed = Sequence[tuple[RackItem, ModelPlan]]
"""What stands in a rack, from the bottom up, with its figures."""


def plan_metal(site: Site, fabric: FabricPlan) -> MetalPlan:
    """Racks in the order of their numbers, machines in the order of their names."""
    pools = {pool.name: pool for pool in site.pools}
    image = release(site.release).medium(media_base(site))
    figures = plan_models(site, fabric)
    machines = sorted(site.machines, key=lambda machine: machine.name)
    nodes = tuple(
        _node(site, pools[machine.pool], figures.pools[machine.pool], machine, image)
        for machine in machines
    )
    parts = rack_parts(site)
    placed = _placed(site, fabric, nodes, parts, figures)
    ordered = sorted(site.racks, key=lambda rack: (site.rack_number(rack.name), rack.name))
    hall = site.halls[0].name if len(site.halls) == 1 else ""
    names = _by_rack((node.rack, node.name) for node in nodes)
    racks = tuple(
        _rack(
            rack,
            site.rack_number(rack.name),
            names.get(rack.name, ()),
            placed.get(rack.name, ()),
            hall,
        )
        for rack in ordered
    )
    sources, circuits = plan_power(site, racks, placed)
    return MetalPlan(
        racks=racks,
        nodes=nodes,
        parts=parts,
        models=figures.models,
        halls=_halls(site, racks),
        sources=sources,
        circuits=circuits,
        feed_loss=site.power.feed_loss if site.power else "full",
    )


def media_base(site: Site) -> str:
    """Base URL of installation media as the BMCs reach it, for example
    ``https://127.77.0.1:8480/media``."""
    if site.depot.media is not None:
        return site.depot.media
    port = urlsplit(site.depot.url).port
    suffix = f":{port}" if port else ""
    return f"https://{site.networks.oob.controller}{suffix}/media"


def _by_rack(found: Iterable[tuple[str, str]]) -> Mapping[str, Sequence[str]]:
    racks: dict[str, list[str]] = defaultdict(list)
    for rack, name in found:
        racks[rack].append(name)
    return racks


def _placed(
    site: Site,
    fabric: FabricPlan,
    nodes: Sequence[NodePlan],
    parts: Sequence[RackPartPlan],
    figures: DeviceFigures,
) -> Mapping[str, Placed]:
    """Rack -> machines, switches, CDUs and parts of the rack itself."""
    racks: dict[str, list[tuple[RackItem, ModelPlan]]] = defaultdict(list)

    def put(rack: str, unit: int, name: str, model: ModelPlan) -> None:
        racks[rack].append((RackItem(name, model.kind, model.key, unit, model.height), model))

    for node in nodes:
        put(node.rack, node.unit, node.name, figures.pools[node.pool])
    for switch in fabric.switches:
        if switch.rack:
            put(switch.rack, switch.unit, switch.name, figures.switches[switch.model])
    for _, order, name in ordered_cdus(site):
        if order.rack:
            put(order.rack, order.unit or 0, name, figures.cdus[name])
    for part in parts:
        put(part.rack, part.unit, part.name, figures.parts[part.model])
    return {
        rack: sorted(found, key=lambda it: (it[0].unit, it[0].name))
        for rack, found in racks.items()
    }


def _rack(rack: Rack, number: int, nodes: Sequence[str], placed: Placed, hall: str) -> RackPlan:
    fed = [model for _, model in placed if model.kind != "cdu"]
    peak = _sum(model.peak_kw for model in fed)
    liquid = _sum(model.peak_kw * model.liquid_share for model in fed)
    return RackPlan(
        name=rack.name,
        units=rack.units,
        power_limit_kw=rack.power_kw,
        power_kw=_sum(model.power_kw for model in fed),
        nodes=tuple(nodes),
        hall=rack.hall or hall,
        row=rack.row or "",
        place=rack.place,
        peak_kw=peak,
        liquid_kw=liquid,
        air_kw=round(peak - liquid, WATTS),
        weight_kg=_sum(model.weight_kg for _, model in placed),
        weight_limit_kg=rack.weight_limit_kg or 0.0,
        items=tuple(item for item, _ in placed),
        number=0 if number == plain_number(rack.name) else number,
    )


def _sum(values: Iterable[float]) -> float:
    return round(math.fsum(values), WATTS)


def _halls(site: Site, racks: Sequence[RackPlan]) -> tuple[HallPlan, ...]:
    inside: dict[str, list[RackPlan]] = defaultdict(list)
    for rack in racks:
        inside[rack.hall].append(rack)
    back = _back_to_air(site)
    return tuple(
        HallPlan(
            name=hall.name,
            air_limit_kw=hall.air_kw,
            air_kw=_sum(
                rack.peak_kw if rack.name in back else rack.air_kw for rack in inside[hall.name]
            ),
            temperature_max_c=hall.temperature_max_c,
            humidity_max_percent=hall.humidity_max_percent,
            racks=tuple(rack.name for rack in inside[hall.name]),
        )
        for hall in sorted(site.halls, key=lambda hall: hall.name)
    )


def _back_to_air(site: Site) -> frozenset[str]:
    """Racks whose coolant gives its heat to the air of the hall after all."""
    loops = site.cooling.loops if site.cooling else ()
    return frozenset(name for loop in loops if loop.air_cooled for name in expand_all(loop.racks))


def _bmc(pool: Pool, machine: Machine) -> BmcPlan:
    shown = "" if pool.personality in (None, "standard") else pool.personality
    return BmcPlan(
        address=machine.bmc_address,
        cert_sha256=machine.bmc_cert_sha256,
        personality=shown or "",
        unproven=node_model(pool.model).unproven,
        allow_unproven=pool.allow_unproven,
        media_transport="" if pool.media_transport == "https" else pool.media_transport,
    )


def _node(site: Site, pool: Pool, model: ModelPlan, machine: Machine, image: str) -> NodePlan:
    return NodePlan(
        name=machine.name,
        pool=pool.name,
        purpose=pool.purpose,
        model=pool.model,
        rack=machine.rack,
        unit=machine.unit,
        height=model.height,
        power_kw=model.power_kw,
        identity=Identity(
            bmc_mac=machine.bmc_mac,
            chassis_serial=machine.chassis_serial,
            system_uuid=machine.system_uuid,
        ),
        bmc=_bmc(pool, machine),
        host=_host(site, machine),
        image=image,
        bios=_bios(pool),
        install_generation=site.reinstall.get(machine.name, site.install_generation),
        key_epoch=site.trust.key_epoch,
        further=machine.further,
        os_disk=_os_disk(pool.os_disk),
        secure_boot=pool.secure_boot,
    )


def _bios(pool: Pool) -> Mapping[str, str]:
    model = node_model(pool.model)
    secure = model.secure_boot if pool.secure_boot else {}
    return dict(sorted({**model.bios, **secure, **pool.bios}.items()))


def _os_disk(wanted: OsDisk) -> OsDiskPlan | None:
    encrypt = "" if wanted.encrypt == NONE else wanted.encrypt
    return OsDiskPlan(wanted.mirror, encrypt) if wanted.mirror or encrypt else None


def _host(site: Site, machine: Machine) -> HostPlan:
    hosts = site.networks.provisioning
    return HostPlan(
        address=host_address(hosts.cidr, site.rack_number(machine.rack), machine.unit),
        prefix=network(hosts.cidr).prefixlen,
        gateway=hosts.gateway,
        mac=host_mac(machine.system_uuid),
        ssh_port=hosts.ssh_port,
        user=hosts.user,
    )
