"""What a ``StorageTier`` is made from."""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.plan.model import SlicePlan


@dataclass(frozen=True)
class StorageTierArgs:
    """Arguments of ``StorageTier``."""

    site: str
    """Name of the site."""
    slice: SlicePlan
    """The storage slice of the plan."""
