"""What a ``StorageTier`` is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.plan.wire import Wire


@dataclass(frozen=True)
class StorageTierArgs:
    """Arguments of ``StorageTier``."""

    site: str
    """Name of the site."""
    slice: Mapping[str, Wire]
    """The storage slice of the plan."""
