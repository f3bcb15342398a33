"""Halls, racks, power and pools."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from bloomery.site.machine import MAX_UNITS
from bloomery.site.part import Part
from bloomery.site.quantity import Kilowatts
from bloomery.site.words import ModelKey, Name, RackName, Text

Purpose = Literal["management", "training", "serving"]


class Rack(Part):
    """One rack."""

    name: RackName = Field(examples=["r01"])
    units: int = Field(ge=1, le=MAX_UNITS, examples=[48])
    power_kw: Kilowatts = Field(examples=["40 kW"])
    """Power its feeds can give after derating, kW."""


class Pool(Part):
    """Machines of one model and one purpose."""

    name: Name = Field(examples=["train"])
    model: ModelKey = Field(examples=["dgx-b200"])
    purpose: Purpose = Field(examples=["training"])
    bios: Mapping[str, Text] = Field(default_factory=dict)
    """BIOS attributes that must hold, over those of the model."""


def rack_number(rack: str) -> int:
    """The number in a rack's name; ``r01`` is rack 1. Addresses are strides of it."""
    found = re.search(r"\d+$", rack)
    if found is None:
        raise ValueError(f"rack {rack!r} has no number")
    return int(found.group())
