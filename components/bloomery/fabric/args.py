"""What a ``Fabric`` is made from."""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.plan.model import SlicePlan


@dataclass(frozen=True)
class FabricArgs:
    """Arguments of ``Fabric``."""

    site: str
    """Name of the site."""
    slice: SlicePlan
    """The fabric slice of the plan."""
