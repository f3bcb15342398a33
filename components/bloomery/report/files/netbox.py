"""CSV files for NetBox's bulk import, numbered in the order they must be imported.

Columns are those of the import forms of NetBox 4 (``netbox/dcim/forms/bulk_import.py``);
only columns that every 4.x release knows are used. Everything is ``planned`` there. A cable needs
the interfaces at its ends, so these come too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bloomery.check.rack_scale import PARTS
from bloomery.plan.model import ModelPlan, Plan
from bloomery.report.files.sheet import number, sheet

STATUS = "planned"
"""State of everything in NetBox until somebody has seen it."""

WIDTH = "19"
"""Rail-to-rail width of a rack, inches: EIA-310."""

MEDIA = (
    ("passive copper", "dac-passive"),
    ("active copper", "dac-active"),
    ("multimode", "mmf"),
    ("single-mode", "smf"),
)
"""Part of a medium's title -> NetBox's ``type`` of cable; no match leaves the column empty."""

UNKNOWN = "unspecified"
"""Type and maker of what a cable ends at and the plan has no model of, such as fabric managers."""

ROLE_COLORS = {
    "node": "2196f3", "switch": "4caf50", "cdu": "00bcd4", "nvlink": "9c27b0", "shelf": "ff9800",
    "endpoint": "9e9e9e",
}  # fmt: skip
"""Kind of device -> colour of its role."""

Rows = Iterator[tuple[object, ...]]


def netbox(plan: Plan) -> Mapping[str, bytes]:
    """File name -> content, in the order of import."""
    models = {model.key: model for model in plan.metal.models}
    devices = tuple(_devices(plan, models))
    site = plan.site.name
    return {
        "01-sites": sheet(("name", "slug", "status"), [(site, slug(site), STATUS)]),
        "02-locations": sheet(("site", "name", "slug", "status"), _locations(plan)),
        "03-manufacturers": sheet(("name", "slug"), _manufacturers(devices)),
        "04-device-types": sheet(TYPES, _types(plan, models, devices)),
        "05-device-roles": sheet(("name", "slug", "color"), _roles(devices)),
        "06-racks": sheet(RACKS, _racks(plan)),
        "07-devices": sheet(DEVICES, devices),
        "08-interfaces": sheet(("device", "name", "type", "mgmt_only"), _interfaces(plan)),
        "09-cables": sheet(CABLES, _cables(plan)),
    }


TYPES = ("manufacturer", "model", "slug", "u_height", "weight", "weight_unit")
"""Columns of device types."""

RACKS = (
    "site", "location", "name", "status", "width", "u_height", "max_weight", "weight_unit",
    "description",
)  # fmt: skip
"""Columns of racks."""

DEVICES = (
    "name", "role", "manufacturer", "device_type", "serial", "status", "site", "location", "rack",
    "position", "face",
)  # fmt: skip
"""Columns of devices."""

CABLES = (
    "side_a_device", "side_a_type", "side_a_name", "side_b_device", "side_b_type", "side_b_name",
    "type", "status", "label", "length", "length_unit",
)  # fmt: skip
"""Columns of cables."""


def slug(text: str) -> str:
    """Letters, digits and hyphens, as NetBox wants a slug."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "none"


def maker(model: ModelPlan | None, key: str) -> str:
    """Manufacturer: the model's own, else the first word of its title, which is the maker's own way
    to write it. Several make the parts of a rack: where the rack does not say who, nobody does."""
    if model and (model.maker or model.kind in PARTS):
        return model.maker or UNKNOWN
    return (model.title if model else key).split()[0]


def _locations(plan: Plan) -> Rows:
    for hall in plan.metal.halls:
        yield plan.site.name, hall.name, slug(hall.name), STATUS


def _devices(plan: Plan, models: Mapping[str, ModelPlan]) -> Rows:
    halls = {rack.name: rack.hall for rack in plan.metal.racks}
    listed = [(n.name, "node", n.model, n.identity.chassis_serial, n.rack, n.unit)
              for n in plan.metal.nodes]  # fmt: skip
    listed += [(s.name, "switch", s.model, "", s.rack, s.unit) for s in plan.fabric.switches]
    listed += [(c.name, "cdu", c.model, "", c.rack, c.unit) for c in plan.cooling.cdus]
    listed += [(p.name, p.kind, p.model, "", p.rack, p.unit) for p in plan.metal.parts]
    for name, role, key, serial, rack, unit in listed:
        model = models.get(key)
        title = model.title if model else key
        place = (halls.get(rack, ""), rack, unit, "front") if rack and unit else ("", "", "", "")
        yield name, role, maker(model, key), title, serial, STATUS, plan.site.name, *place
    known = {name for name, *_ in listed}
    ends = (end for cable in plan.fabric.cables for end in (cable.a_device, cable.b_device))
    for name in dict.fromkeys(end for end in ends if end not in known):
        yield name, "endpoint", UNKNOWN, UNKNOWN, "", STATUS, plan.site.name, "", "", "", ""


def _manufacturers(devices: tuple[tuple[object, ...], ...]) -> Rows:
    for name in sorted({str(device[2]) for device in devices}):
        yield name, slug(name)


def _roles(devices: tuple[tuple[object, ...], ...]) -> Rows:
    for role in sorted({str(device[1]) for device in devices}):
        yield role, slug(role), ROLE_COLORS[role]


def _types(
    plan: Plan, models: Mapping[str, ModelPlan], devices: tuple[tuple[object, ...], ...]
) -> Rows:
    heights = {node.model: node.height for node in plan.metal.nodes}
    by_title = {model.title: model for model in models.values()}
    for title, make in sorted({(str(device[3]), str(device[2])) for device in devices}):
        model = by_title.get(title)
        height = model.height if model else heights.get(title, 0)
        weight = number(model.weight_kg) if model and model.weight_kg else ""
        yield make, title, slug(title), height, weight, "kg" if weight else ""


def _racks(plan: Plan) -> Rows:
    for rack in plan.metal.racks:
        place = f"row {rack.row}, place {rack.place}; " if rack.row else ""
        limit = round(rack.weight_limit_kg)
        words = f"{place}{number(rack.power_limit_kw)} kW"
        bears = (limit, "kg") if limit else ("", "")
        yield plan.site.name, rack.hall, rack.name, STATUS, WIDTH, rack.units, *bears, words


def _interfaces(plan: Plan) -> Rows:
    kinds = {network.name: network.kind for network in plan.fabric.networks}
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for cable in plan.fabric.cables:
        kind = _interface(kinds.get(cable.network, "ethernet"), cable.speed_gbps)
        only = "true" if cable.network == "oob" else "false"
        seen.setdefault((cable.a_device, cable.a_port), (kind, only))
        seen.setdefault((cable.b_device, cable.b_port), (kind, only))
    for (device, port), (kind, only) in seen.items():
        yield device, port, kind, only


INFINIBAND = {
    100: "infiniband-edr",
    200: "infiniband-hdr",
    400: "infiniband-ndr",
    800: "infiniband-xdr",
}
"""Gb/s of a 4x port -> NetBox's type of interface."""

ETHERNET = {
    1: "1000base-t", 10: "10gbase-t", 25: "25gbase-x-sfp28", 100: "100gbase-x-qsfp28",
    200: "200gbase-x-qsfp56", 400: "400gbase-x-osfp", 800: "800gbase-x-osfp",
}  # fmt: skip
"""Gb/s of a port -> NetBox's type of interface."""


def _interface(kind: str, gbps: float) -> str:
    known = INFINIBAND if kind == "infiniband" else ETHERNET
    return known.get(round(gbps), "other")


def _cables(plan: Plan) -> Rows:
    side = "dcim.interface"
    kinds = {medium.key: _medium(medium.title) for medium in plan.fabric.media}
    for c in plan.fabric.cables:
        kind = kinds.get(c.medium, "")
        long = (number(c.length_m), "m") if c.length_m else ("", "")
        ends = (c.a_device, side, c.a_port, c.b_device, side, c.b_port)
        yield *ends, kind, STATUS, c.id[:LABEL], *long


def _medium(title: str) -> str:
    return next((kind for part, kind in MEDIA if part in title.lower()), "")


LABEL = 100
"""Longest label NetBox stores."""
