"""Racks, devices and interfaces: what is there is left out, or changed by its id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bloomery.report.netbox.clash import Clashes
from bloomery.report.netbox.existing import Existing
from bloomery.report.netbox.table import Row, Table

COMPARED = (
    "role", "manufacturer", "device_type", "location", "rack", "position", "serial",
)  # fmt: skip
"""Columns of devices that are compared; what the plan leaves empty is NetBox's to say."""

NEW_ONLY = ("status", "asset_tag", "comments")
"""Columns that are written once, where a device is new; from then on they are NetBox's to say."""


def racks_left(table: Table, has: Existing) -> tuple[Table, Table]:
    """Racks that are not there, and those of another height, or without a location."""
    known = {(row["site"], row["location"], row["name"]): row for row in has.objects["racks"]}
    placed = ("location", "u_height")
    left: list[Row] = []
    changed: list[Row] = []
    for row in table.rows:
        place = row["site"], row["location"], row["name"]
        there = known.get(place) or known.get((row["site"], "", row["name"]))
        if there is None:
            left.append(row)
        elif any(not same(there[key].rstrip("U"), row[key]) for key in placed):
            changed.append({**row, "id": there["id"]})
    columns = ("id", "site", *placed)
    return replace(table, rows=tuple(left)), Table(columns, tuple(changed))


def devices_left(
    table: Table, has: Existing, heights: Mapping[tuple[str, str], float], clashes: Clashes
) -> tuple[Table, Table]:
    """Devices that are not there, and those that stand elsewhere or are of another type."""
    known = {(row["site"], row["name"].lower()): row for row in has.objects["devices"]}
    left: list[Row] = []
    changed: list[Row] = []
    for row in table.rows:
        there = known.get((row["site"], row["name"].lower()))
        if there is None:
            left.append(row)
        elif any(row[key] and not same(there[key], row[key]) for key in COMPARED):
            kept = {key: row[key] or there.get(key, "") for key in table.columns}
            changed.append({"id": there["id"], **kept, "face": kept["face"].lower()})
    columns = ("id", *(key for key in table.columns if key not in NEW_ONLY))
    _taken(table, has, heights, clashes)
    return replace(table, rows=tuple(left)), Table(columns, tuple(changed))


def _taken(
    table: Table, has: Existing, heights: Mapping[tuple[str, str], float], clashes: Clashes
) -> None:
    """Units of our racks in which something stands that the plan does not know."""
    mine = {(row["site"], row["name"].lower()) for row in table.rows}
    taken: dict[tuple[tuple[str, ...], int], str] = {}
    for row in has.objects["devices"]:
        if (row["site"], row["name"].lower()) not in mine:
            taken |= {(_rack(row), unit): row["name"] for unit in _units(row, heights)}
    clashing: dict[tuple[str, str], Row] = {}
    for row in table.rows:
        for unit in _units(row, heights):
            if other := taken.get((_rack(row), unit)):
                clashing.setdefault((row["name"], other), row)
    for (name, other), row in clashing.items():
        reason = f"rack {row['rack']} unit {row['position']}: {other!r} stands there"
        clashes.add(f"devices {name}", reason, "move one of the two")


def _rack(row: Row) -> tuple[str, ...]:
    return row["site"], row["location"], row["rack"]


def _units(row: Row, heights: Mapping[tuple[str, str], float]) -> Iterator[int]:
    if row["rack"] and row["position"]:
        first = int(float(row["position"].lstrip("U")))
        height = heights.get((row["manufacturer"], row["device_type"]), 1)
        yield from range(first, first + max(1, round(height)))


def same(there: str, planned: str) -> bool:
    """Numbers are equal however they are written: 5, 5.0 and U5."""
    try:
        return float(there.lstrip("U").split(" ")[0] or "nan") == float(planned)
    except ValueError:
        return there == planned


def interfaces_left(table: Table, has: Existing, site: str, devices: Table) -> Table:
    """Interfaces that neither are there nor come with the type of a new device."""
    there = {
        (row["device"].lower(), row["name"])
        for row in has.objects["interfaces"]
        if row["site"] == site
    }
    known = {row["name"].lower() for row in has.objects["devices"] if row["site"] == site}
    comes: dict[str, frozenset[str]] = defaultdict(frozenset)
    for row in devices.rows:
        if row["name"].lower() not in known:
            comes[row["name"]] = has.ports.get(
                (row["manufacturer"], row["device_type"]), frozenset()
            )
    left = [
        row
        for row in table.rows
        if (row["device"].lower(), row["name"]) not in there
        and row["name"] not in comes[row["device"]]
    ]
    return replace(table, rows=tuple(left))


def by_id(table: Table, ids: Mapping[str, str]) -> Table:
    """Interfaces whose devices are named by their ids: another site has some of the names too."""
    columns = ("device.id", *table.columns[1:])
    rows = ({"device.id": ids[row["device"].lower()], **row} for row in table.rows)
    return Table(columns, tuple(rows))
