"""What a ``Cluster`` is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from bloomery.plan.model import ClusterPlan, RunPlan
from bloomery.resources.machines import Machines


@dataclass(frozen=True)
class ClusterArgs:
    """Arguments of ``Cluster``."""

    plan: ClusterPlan
    """The cluster slice of the plan."""
    machines: Machines
    """Machines that its runs converge."""
    runs: Sequence[RunPlan] = ()
    """Runs it registers, each after those it needs."""
    after: Sequence[pulumi.Resource] = ()
    """What must be there before its runs: the layers below."""
