"""Kinds of cable: what they join, how fast, and how far they reach."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import Field

from bloomery.catalogue.figure import Entry, Figure, read_folder
from bloomery.catalogue.switch import FabricKind

CableEnd = Literal["node", "switch"]
"""What the lower end of a cable plugs into; the upper end is always a switch."""


class CableKind(Entry):
    """One kind of cable, with the modules it needs at its ends."""

    key: str
    """Name it is ordered by, for example ``osfp-dac-400``."""
    title: str
    """What it is, in a line."""
    kinds: tuple[FabricKind, ...]
    ends: tuple[CableEnd, ...]
    speeds_gbps: tuple[float, ...] = Field(min_length=1)
    """Speeds of one port it carries, Gb/s."""
    reach_m: Figure
    """Longest length it works at, m."""
    lengths_m: tuple[float, ...] = ()
    """Lengths it is sold in, m, ascending; empty where it is made to length."""
    copper: bool = False
    """Plugs and wire in one piece; otherwise a transceiver in each cage, and fibres between."""
    upper_ports: int = 1
    """Copper: ports its one plug at the upper end carries."""
    lower_ports: int = 1
    """Copper: ports each of its plugs at the lower end carries."""


@cache
def cable_kinds() -> Mapping[str, CableKind]:
    """All cable kinds by key, sorted. Raises pydantic.ValidationError on bad data."""
    return {key: CableKind.model_validate(data) for key, data in read_folder("cables").items()}
