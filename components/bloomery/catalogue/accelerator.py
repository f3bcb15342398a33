"""What a machine computes with, as far as its software depends on it."""

from __future__ import annotations

from pydantic import Field

from bloomery.catalogue.figure import Entry


class Accelerator(Entry):
    """The accelerators of one node model: all of one kind."""

    vendor: str
    """Name of the vendor's file in ``plan/software``: ``nvidia``, ``amd``."""
    generation: str
    """``volta``, ``hopper``, ``blackwell``, ``cdna3``."""
    platform: str
    """How they are joined: ``hgx`` (a board with switches of its own), ``nvl-tray`` (a tray of a
    rack with switch trays), ``oam`` (a board without switches), ``pcie``."""
    source: str = Field(min_length=8)
    """Document that says so."""
