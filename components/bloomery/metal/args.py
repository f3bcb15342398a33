"""What a ``NodePool`` is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.plan.wire import Wire


@dataclass(frozen=True)
class NodePoolArgs:
    """Arguments of ``NodePool``."""

    site: str
    """Name of the site."""
    pool: str
    """Name of the pool."""
    nodes: Mapping[str, Mapping[str, Wire]]
    """Node name -> inputs of its Node resource (``plan.slices.node_props``)."""
    protect: bool = False
    """Whether live nodes are protected from deletion."""
