"""CSV files for NetBox's bulk import, numbered in the order they must be imported.

``all-sites`` is what sites share, ``site`` what one site has. Columns are those of the import forms
of NetBox 4 (``netbox/dcim/forms/bulk_import.py``); but for ``breakout-cables`` only columns that
every 4.x release knows are used. Everything is ``planned`` there. A cable needs the interfaces at
its ends, so these come too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bloomery.plan.model import Plan
from bloomery.report.files.sheet import number, sheet
from bloomery.report.netbox.cables import cables
from bloomery.report.netbox.devices import Device, devices, location
from bloomery.report.netbox.interfaces import interfaces
from bloomery.report.netbox.names import slug, slugs
from bloomery.report.netbox.table import STATUS, Table, Tables, table

WIDTH = "19"
"""Rail-to-rail width of a rack, inches: EIA-310."""

ROLE_COLORS = {
    "node": "2196f3", "switch": "4caf50", "cdu": "00bcd4", "nvlink": "9c27b0", "shelf": "ff9800",
    "endpoint": "9e9e9e",
}  # fmt: skip
"""Kind of device -> colour of its role."""

ORDER = {
    "manufacturers": "all-sites/01-manufacturers",
    "device-types": "all-sites/02-device-types",
    "device-roles": "all-sites/03-device-roles",
    "sites": "site/04-sites",
    "locations": "site/05-locations",
    "racks": "site/06-racks",
    "devices": "site/07-devices",
    "interfaces": "site/08-interfaces",
    "cables": "site/09-cables",
    "breakout-cables": "site/10-breakout-cables",
}
"""Kind of object -> its file, in the order of import."""

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

CARRIED = ("asset_tag", "comments")
"""Columns of devices for further columns of the delivery list."""

Rows = Iterator[tuple[object, ...]]


def netbox(tables: Tables, updates: Tables | None = None) -> Mapping[str, bytes]:
    """File name without suffix -> content. ``updates`` change objects that are there, by their id;
    what has no rows has no file."""
    made = {ORDER[kind]: rows for kind, rows in tables.items()}
    made |= {f"{ORDER[kind]}-update": rows for kind, rows in (updates or {}).items()}
    return {
        name: sheet(rows.columns, ([row[key] for key in rows.columns] for row in rows.rows))
        for name, rows in sorted(made.items())
        if rows.rows
    }


def tables(plan: Plan) -> Tables:
    """All objects of a plan, by kind, as an empty NetBox would take them."""
    listed = tuple(devices(plan))
    site = plan.site.name
    plain, breakouts = cables(plan, {device.name: device for device in listed})
    return {
        "manufacturers": table(("name", "slug"), *_manufacturers(listed)),
        "device-types": table(TYPES, *_types(listed)),
        "device-roles": table(("name", "slug", "color"), *_roles(listed)),
        "sites": table(("name", "slug", "status"), (site, slug(site), STATUS)),
        "locations": table(("site", "name", "slug", "status"), *_locations(plan)),
        "racks": table(RACKS, *_racks(plan)),
        "devices": _devices(site, listed),
        "interfaces": interfaces(plan, {device.name: device for device in listed}),
        "cables": plain,
        "breakout-cables": breakouts,
    }


def _manufacturers(listed: tuple[Device, ...]) -> Rows:
    for name in sorted({device.type.manufacturer for device in listed}):
        yield name, slug(name)


def _types(listed: tuple[Device, ...]) -> Rows:
    found = {(device.type.manufacturer, device.type.model): device.type for device in listed}
    for (manufacturer, model), kind in sorted(found.items()):
        unit = "kg" if kind.weight else ""
        yield manufacturer, model, kind.slug, kind.height, kind.weight, unit


def _roles(listed: tuple[Device, ...]) -> Rows:
    for role in sorted({device.role for device in listed}):
        yield role, slug(role), ROLE_COLORS[role]


def _locations(plan: Plan) -> Rows:
    site = plan.site.name
    halls = [hall.name for hall in plan.metal.halls]
    homes = [location(plan, rack) for rack in plan.metal.racks]
    for name, short in slugs(list(dict.fromkeys([*halls, *homes]))).items():
        yield site, name, short, STATUS


def _racks(plan: Plan) -> Rows:
    for rack in plan.metal.racks:
        place = f"row {rack.row}, place {rack.place}; " if rack.row else ""
        limit = round(rack.weight_limit_kg)
        words = f"{place}{number(rack.power_limit_kw)} kW"
        bears = (limit, "kg") if limit else ("", "")
        where = location(plan, rack)
        yield plan.site.name, where, rack.name, STATUS, WIDTH, rack.units, *bears, words


def _devices(site: str, listed: tuple[Device, ...]) -> Table:
    """Asset tag and comments are columns only where a machine has some: an empty cell would clear
    what somebody wrote there."""
    more = tuple(key for key in CARRIED if any(getattr(it, key) for it in listed))
    return table((*DEVICES, *more), *_device_rows(site, listed, more))


def _device_rows(site: str, listed: tuple[Device, ...], more: tuple[str, ...]) -> Rows:
    for it in listed:
        kind = it.type
        place = (it.hall, it.rack, it.unit, "front") if it.rack and it.unit else ("", "", "", "")
        row = (it.name, it.role, kind.manufacturer, kind.model, it.serial, STATUS, site, *place)
        yield *row, *(getattr(it, key) for key in more)
