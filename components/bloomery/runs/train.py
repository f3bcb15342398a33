"""The proof job: a model trained on all training machines at once, on a corpus with a nonce."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bloomery.runs.kind import RunKind, Value

if TYPE_CHECKING:
    from bloomery.plan.model import NodePlan, Plan
    from bloomery.site import Site


def _variables(site: Site, plan: Plan, host: NodePlan) -> Mapping[str, Value]:
    return {"model_name": site.cluster.model_name} if site.cluster else {}


RUN = RunKind(
    name="train",
    noun="cluster",
    groups={"management": "management", "training": "training"},
    variables=_variables,
    needs=("slurm",),
    minimum={"management": 1, "training": 1},
    advised={"training": 2},  # one machine distributes nothing
    reads="groups",  # the job names its machines
    proof=True,
)
