"""What a ``Fabric`` is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.plan.wire import Wire


@dataclass(frozen=True)
class FabricArgs:
    """Arguments of ``Fabric``."""

    site: str
    """Name of the site."""
    slice: Mapping[str, Wire]
    """The fabric slice of the plan."""
