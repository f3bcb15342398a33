"""Rows for one kind of object, before anybody writes them down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STATUS = "planned"
"""State of everything in NetBox until somebody has seen it."""

Row = Mapping[str, str]
"""Column of an import form -> value."""


@dataclass(frozen=True)
class Table:
    """Objects of one kind, in the columns of their import form."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


Tables = Mapping[str, Table]
"""Kind of object, as NetBox's API spells it (``device-types``) -> its rows."""


def table(columns: tuple[str, ...], *rows: tuple[object, ...]) -> Table:
    """A table of values in the order of its columns."""
    made = (dict(zip(columns, map(str, row), strict=True)) for row in rows)
    return Table(columns, tuple(made))
