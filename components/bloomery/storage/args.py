"""What a ``StorageTier`` is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from bloomery.plan.model import RunPlan
from bloomery.plan.wire import Wire
from bloomery.resources.machines import Machines


@dataclass(frozen=True)
class StorageTierArgs:
    """Arguments of ``StorageTier``."""

    slice: Mapping[str, Wire]
    """Its slice of the plan (``plan.resource_inputs.tier_slices``)."""
    machines: Machines
    """Machines that its runs converge."""
    runs: Sequence[RunPlan] = ()
    """Runs it registers, each after those it needs."""
    after: Sequence[pulumi.Resource] = ()
    """What must be there before its runs: the layers below."""
