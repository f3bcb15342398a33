"""What a ``CoolantLoop`` is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.plan.wire import Wire


@dataclass(frozen=True)
class CoolantLoopArgs:
    """Arguments of ``CoolantLoop``."""

    site: str
    """Name of the site."""
    slice: Mapping[str, Wire]
    """The cooling slice of the plan."""
