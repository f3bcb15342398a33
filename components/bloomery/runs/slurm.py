"""The cluster's scheduler: controller on a management machine, a daemon on each training one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bloomery.runs.kind import RunKind, Value

if TYPE_CHECKING:
    from bloomery.plan.model import NodePlan, Plan
    from bloomery.site import Site


def _variables(site: Site, plan: Plan, host: NodePlan) -> Mapping[str, Value]:
    return {"cluster_name": site.name}


RUN = RunKind(
    name="slurm",
    noun="cluster",
    groups={"management": "management", "training": "training"},
    variables=_variables,
    needs=("base",),
    minimum={"management": 1, "training": 1},
    derived_secrets=("munge_key",),  # munge's key is the cluster's own
    reads="groups",  # slurm.conf lists every machine of the cluster
)
