"""Rows of racks: where each stands, counted in rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bloomery.errors import Fault
from bloomery.site.fabric.sheet import Distances
from bloomery.site.reading.document import Document
from bloomery.site.reading.entries import Entries, entries
from bloomery.site.reading.fault_texts import suggest


def row_number(distances: Distances, row: str) -> int:
    """The place of ``row`` among those the site lists; where it lists none, the number at the end
    of its name, or 0."""
    if distances.rows:
        return distances.rows.index(row) + 1
    found = re.search(r"[0-9]+$", row)
    return int(found.group()) if found else 0


def row_faults(document: Document, distances: Distances) -> Iterator[Fault]:
    """Racks whose distance from each other nobody knows: their row or their place is not told."""
    racks = entries((document.data or {}).get("racks"), ("racks",))
    for path, rack in racks:
        if "row" not in rack or "place" not in rack:
            lacks = " and ".join(key for key in ("row", "place") if key not in rack)
            hint = "cable lengths follow from both; or remove fabric.distances"
            yield document.fault(path, f"has no {lacks}", hint)
    yield from _unlisted(document, distances, racks) if distances.rows else _alike(document, racks)


def _unlisted(document: Document, distances: Distances, racks: Entries) -> Iterator[Fault]:
    for path, rack in racks:
        row = rack.get("row")
        if isinstance(row, str) and row not in distances.rows:
            hint = suggest(row, distances.rows, "fabric.distances.rows")
            yield document.fault((*path, "row"), f"unknown row {row!r}", hint)


def _alike(document: Document, racks: Entries) -> Iterator[Fault]:
    """Names that do not tell how far apart rows are: without a number, or two with the same."""
    first: dict[tuple[str, int], str] = {}
    for path, rack in racks:
        row = rack.get("row")
        if not isinstance(row, str):
            continue
        found = re.search(r"[0-9]+$", row)
        if found is None:
            hint = "cable lengths count rows: row-1; or list them in fabric.distances.rows"
            yield document.fault((*path, "row"), f"{row!r} has no number", hint)
            continue
        holder = first.setdefault((_hall(rack), int(found.group())), row)
        if holder != row:
            hint = "list the rows in the order they stand: fabric.distances.rows"
            yield document.fault((*path, "row"), f"{row!r} has the number of row {holder!r}", hint)


def _hall(rack: Mapping[str, object]) -> str:
    return str(rack.get("hall", ""))
