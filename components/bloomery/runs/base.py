"""What every machine has: package source, clock, names, hardening, metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bloomery.runs.kind import RunKind, Value

if TYPE_CHECKING:
    from bloomery.plan.model import NodePlan, Plan
    from bloomery.site import Site


def _variables(site: Site, plan: Plan, host: NodePlan) -> Mapping[str, Value]:
    return {}


RUN = RunKind(
    name="base",
    noun="metal",
    groups={"management": "management", "serving": "serving", "training": "training"},
    variables=_variables,
    minimum={"management": 1},  # all keep time by a management machine
    reads="all",  # /etc/hosts
)
