"""What a ``NodePool`` is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from bloomery.plan.model import RunPlan
from bloomery.plan.wire import Wire
from bloomery.resources.machines import Machines


@dataclass(frozen=True)
class NodePoolArgs:
    """Arguments of ``NodePool``."""

    pool: str
    """Name of the pool."""
    nodes: Mapping[str, Mapping[str, Wire]]
    """Node name -> inputs of its Node resource (``plan.resource_inputs.node_props``)."""
    machines: Machines
    """Where its nodes are added, and its runs registered."""
    runs: Sequence[RunPlan] = ()
    """Runs on its machines, each after those it needs."""
    after: Sequence[pulumi.Resource] = ()
    """What must be there before its machines are touched: the layers below."""
    protect: bool = False
    """Whether live nodes are protected from deletion."""
