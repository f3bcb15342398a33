"""What a NetBox has, whichever way it was exported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.report.netbox.table import Row

KINDS = (
    "manufacturers", "device-types", "device-roles", "sites", "locations", "racks", "devices",
    "interfaces", "cables",
)  # fmt: skip
"""Kinds of object an export must hold, as NetBox's API spells them."""

End = tuple[str, str, str]
"""An interface: site, device and name."""


@dataclass(frozen=True)
class HasCable:
    """A cable that is there."""

    row: Row
    """``id``, ``label`` and ``length``."""
    sides: tuple[frozenset[End], frozenset[End]]


@dataclass(frozen=True)
class Existing:
    """Objects of a NetBox."""

    source: str
    """The export, as the user wrote its name."""
    objects: Mapping[str, tuple[Row, ...]]
    """Kind -> objects, with ``id`` and the columns of the import form that are compared."""
    ports: Mapping[tuple[str, str], frozenset[str]]
    """Manufacturer and model of a device type -> interfaces that each new device gets by it."""
    cables: tuple[HasCable, ...]
