"""What a ``Cluster`` is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.plan.model import ClusterPlan
from bloomery.plan.wire import Wire
from bloomery.resources.node import Node


@dataclass(frozen=True)
class ClusterArgs:
    """Arguments of ``Cluster``."""

    site: str
    """Name of the site."""
    plan_digest: str
    """Which plan is being accepted."""
    plan: ClusterPlan
    """The cluster slice of the plan."""
    hosts: Mapping[str, Mapping[str, Wire]]
    """Node name -> how its host is reached (``plan.slices.host_props``)."""
    nodes: Mapping[str, Node]
    """Node name -> its resource; runs follow its readiness."""
