"""NVLink switch trays and power shelves of rack-scale racks, where the site says they stand."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence

from bloomery.catalogue import node_model
from bloomery.catalogue.node import RackScale
from bloomery.catalogue.rack_part import rack_part
from bloomery.plan.fabric.numbers import dotted
from bloomery.plan.fabric.run import Spot, management_address, spot
from bloomery.plan.model import RackPartPlan
from bloomery.site import Site
from bloomery.site.metal.sheet import Rack
from bloomery.site.types.unit_range import expand_all_units


def rack_parts(site: Site) -> tuple[RackPartPlan, ...]:
    """Every part that has a unit: racks by their numbers, and in each from the bottom up.

    What a rack has parts of is told by the trays that stand in it; units of a rack without any stay
    empty.
    """
    racks = [rack for rack in site.racks if rack.nvlink_units or rack.shelf_units]
    if not racks:
        return ()
    first = int(ipaddress.IPv4Network(site.networks.oob.cidr).network_address)
    scales = _scales(site)
    ordered = sorted(racks, key=lambda rack: (site.rack_number(rack.name), rack.name))
    return tuple(
        part
        for rack in ordered
        if rack.name in scales
        for part in _of(rack, scales[rack.name], site.rack_number(rack.name), first)
    )


def part_ends(parts: Sequence[RackPartPlan]) -> Iterator[tuple[Spot, str]]:
    """Where each part stands, and its port out of band."""
    for part in parts:
        yield spot(part.name, part.rack, part.unit), rack_part(part.model).port


def _scales(site: Site) -> Mapping[str, RackScale]:
    """Rack -> the rack-scale rack it is, by the machines in it."""
    pools = {pool.name: node_model(pool.model).rack for pool in site.pools}
    found = ((machine.rack, pools[machine.pool]) for machine in site.machines)
    return {rack: scale for rack, scale in found if scale is not None}


def _of(rack: Rack, scale: RackScale, number: int, first: int) -> Iterator[RackPartPlan]:
    for key, written in ((scale.nvlink_tray, rack.nvlink_units), (scale.shelf, rack.shelf_units)):
        for place, unit in enumerate(sorted(expand_all_units(written)) if key else (), start=1):
            kind = rack_part(key).kind
            end = spot(f"{rack.name}-{kind}-{place}", rack.name, unit)
            address = dotted(management_address(first, number, unit))
            yield RackPartPlan(end.name, kind, key, end.rack, end.unit, address)
