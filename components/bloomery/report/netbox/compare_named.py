"""Objects with a name and a slug: taken as they are where a NetBox has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bloomery.report.netbox.clash import Clashes
from bloomery.report.netbox.existing import Existing
from bloomery.report.netbox.table import Row, Table

Renamed = Mapping[str, str]
"""Name of the plan -> name that NetBox has for the same thing."""

SHARED = ("manufacturers", "device-roles")
"""Kinds that are the same thing where the slug is, whatever their name."""


def named_left(kind: str, table: Table, has: Existing, clashes: Clashes) -> tuple[Table, Renamed]:
    """Rows that are not there, and NetBox's names of those that are."""
    found = [row for row in has.objects[kind] if _within(row, table)]
    names = {row["name"]: row for row in found}
    shorts = {row["slug"]: row for row in found}
    left: list[Row] = []
    renamed: dict[str, str] = {}
    for row in table.rows:
        by_name, by_slug = names.get(row["name"]), shorts.get(row["slug"])
        if by_name is None and by_slug is None:
            left.append(row)
        elif by_slug is None or by_slug is by_name or (by_name is None and kind in SHARED):
            renamed[row["name"]] = (by_name or by_slug or row)["name"]
        else:
            _clash(kind, row, by_slug, clashes)
    return replace(table, rows=tuple(left)), renamed


def _within(row: Row, table: Table) -> bool:
    """Names of locations are unique in their site; all others everywhere."""
    return "site" not in row or row["site"] in {mine.get("site") for mine in table.rows}


def _clash(kind: str, row: Row, there: Row, clashes: Clashes) -> None:
    reason = f"slug {row['slug']!r} belongs to {there['name']!r}"
    clashes.add(f"{kind} {row['name']}", reason, "give one of the two another slug or name")


def types_left(
    table: Table, has: Existing, makers: Renamed, clashes: Clashes
) -> tuple[Table, Mapping[tuple[str, str], tuple[str, str]]]:
    """Types that are not there, and manufacturer and model of those that are."""
    found = has.objects["device-types"]
    models = {(row["manufacturer"], row["model"]): row for row in found}
    shorts = {(row["manufacturer"], row["slug"]): row for row in found}
    left: list[Row] = []
    renamed: dict[tuple[str, str], tuple[str, str]] = {}
    for row in table.rows:
        maker = makers.get(row["manufacturer"], row["manufacturer"])
        by_model, by_slug = models.get((maker, row["model"])), shorts.get((maker, row["slug"]))
        there = by_slug or by_model
        name = f"device-types {row['model']}"
        if there is None:
            left.append({**row, "manufacturer": maker})
        elif by_model and by_slug and by_model is not by_slug:
            reason = f"slug {row['slug']!r} belongs to {by_slug['model']!r}"
            clashes.add(name, reason, "give one of the two another slug or model")
        elif float(there["u_height"] or 0) != float(row["u_height"]):
            reason = (
                f"is {float(there['u_height'] or 0):g} U there, {row['u_height']} U in the plan"
            )
            clashes.add(name, reason, "correct the one that is wrong")
        else:
            renamed[row["manufacturer"], row["model"]] = maker, there["model"]
    return replace(table, rows=tuple(left)), renamed
