"""Leaves out of the import what a NetBox has, and tells what would clash with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bloomery.errors import FaultsError
from bloomery.report.netbox.clash import Clashes
from bloomery.report.netbox.compare_cables import cables_left, of_site
from bloomery.report.netbox.compare_devices import (
    by_id,
    devices_left,
    interfaces_left,
    racks_left,
)
from bloomery.report.netbox.compare_named import Renamed, named_left, types_left
from bloomery.report.netbox.existing import Existing
from bloomery.report.netbox.table import Table, Tables

CABLES = ("cables", "breakout-cables")
"""Kinds of cable, of which NetBox knows one."""


@dataclass(frozen=True)
class Missing:
    """What is still to be imported."""

    tables: Tables
    updates: Tables
    held: tuple[str, ...] = ()
    """Devices whose names another site has too and that are not imported yet: interfaces and cables
    of the site are held back until an export tells their ids."""


def missing(planned: Tables, has: Existing) -> Missing:
    """Raises FaultsError with everything that clashes."""
    clashes = Clashes(has.source)
    tables = dict(planned)
    tables["manufacturers"], makers = _named("manufacturers", tables, has, clashes)
    heights = _heights(tables, has, makers)
    tables["device-types"], types = types_left(tables["device-types"], has, makers, clashes)
    tables["device-roles"], roles = _named("device-roles", tables, has, clashes)
    tables["sites"], _ = _named("sites", tables, has, clashes)
    tables["locations"], _ = _named("locations", tables, has, clashes)
    tables["racks"], racks = racks_left(tables["racks"], has)
    devices = _as_there(tables["devices"], makers, types, roles)
    tables["devices"], moved = devices_left(devices, has, heights, clashes)
    (site,) = (row["name"] for row in planned["sites"].rows)
    tables["interfaces"] = interfaces_left(tables["interfaces"], has, site, devices)
    updates = {"racks": racks, "devices": moved}
    for kind in CABLES:
        tables[kind], updates[kind] = cables_left(tables[kind], has, site, clashes)
    if clashes.faults:
        raise FaultsError(clashes.faults)
    held = _shared_names(tables, devices, has, site)
    return Missing(tables, updates, held)


def _named(kind: str, tables: Tables, has: Existing, clashes: Clashes) -> tuple[Table, Renamed]:
    return named_left(kind, tables[kind], has, clashes)


def _heights(tables: Tables, has: Existing, makers: Renamed) -> Mapping[tuple[str, str], float]:
    mine = {
        (makers.get(row["manufacturer"], row["manufacturer"]), row["model"]): float(row["u_height"])
        for row in tables["device-types"].rows
    }
    theirs = {
        (row["manufacturer"], row["model"]): float(row["u_height"] or 0)
        for row in has.objects["device-types"]
    }
    return {**mine, **theirs}


def _as_there(
    devices: Table,
    makers: Renamed,
    types: Mapping[tuple[str, str], tuple[str, str]],
    roles: Renamed,
) -> Table:
    """Devices that refer to shared objects by the names these have in NetBox."""
    rows = []
    for row in devices.rows:
        maker = makers.get(row["manufacturer"], row["manufacturer"])
        told = types.get((row["manufacturer"], row["device_type"]), (maker, row["device_type"]))
        role = roles.get(row["role"], row["role"])
        rows.append({**row, "role": role, "manufacturer": told[0], "device_type": told[1]})
    return replace(devices, rows=tuple(rows))


def _shared_names(
    tables: dict[str, Table], devices: Table, has: Existing, site: str
) -> tuple[str, ...]:
    """Where another site has devices of our names, NetBox must be told ours otherwise."""
    elsewhere = {row["name"] for row in has.objects["devices"] if row["site"] != site}
    shared = {row["name"] for row in devices.rows} & elsewhere
    if not shared:
        return ()
    ids = {row["name"].lower(): row["id"] for row in has.objects["devices"] if row["site"] == site}
    held = tuple(sorted(row["name"] for row in devices.rows if row["name"].lower() not in ids))
    for kind in ("interfaces", *CABLES):
        if held:
            tables[kind] = replace(tables[kind], rows=())
    if not held:
        tables["interfaces"] = by_id(tables["interfaces"], ids)
        tables |= {kind: of_site(tables[kind], site) for kind in CABLES}
    return tuple(sorted(shared)) if held else ()
