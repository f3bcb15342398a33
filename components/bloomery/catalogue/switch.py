"""Switch models: ports, cages, height and power of one box."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import Field

from bloomery.catalogue.figure import Entry, Figure, read_folder
from bloomery.catalogue.netbox import Made

FabricKind = Literal["infiniband", "ethernet"]
"""What a network speaks."""


class PortMode(Entry):
    """One way to run the cages."""

    speed_gbps: Figure
    """Speed of one logical port, Gb/s."""
    per_cage: Figure
    """Logical ports of that speed in one cage."""


class SwitchModel(Made):
    """One model of switch. What no source gives is left out; a site that buys it says it."""

    key: str
    """Name a site orders it by, for example ``qm9700``."""
    title: str
    """Full product name."""
    kind: FabricKind
    height_u: Figure | None = None
    """Rack units it occupies."""
    cages: Figure | None = None
    """Cages for fast ports."""
    modes: tuple[PortMode, ...] = Field(default=())
    """Speeds its cages can run at."""
    access_ports: Figure | None = None
    """Twisted-pair ports, for networks out of band."""
    access_gbps: Figure | None = None
    """Speed of one of them, Gb/s."""
    power_kw: Figure | None = None
    """Most it draws over time with its cables, kW."""
    typical_kw: Figure | None = None
    """What it typically draws with passive cables, kW. No limit is computed from it."""
    weight_kg: Figure | None = None
    """Weight, kg."""


@cache
def switch_models() -> Mapping[str, SwitchModel]:
    """All switch models by key, sorted. Raises pydantic.ValidationError on bad data."""
    return {key: SwitchModel.model_validate(data) for key, data in read_folder("switches").items()}


def switch_model(key: str) -> SwitchModel:
    """The switch model ``key``; KeyError where the catalogue has none."""
    return switch_models()[key]
