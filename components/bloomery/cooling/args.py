"""What a ``CoolantLoop`` is made from."""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.plan.model import SlicePlan


@dataclass(frozen=True)
class CoolantLoopArgs:
    """Arguments of ``CoolantLoop``."""

    site: str
    """Name of the site."""
    slice: SlicePlan
    """The cooling slice of the plan."""
