"""The trained model behind an OpenAI-compatible API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bloomery.runs.kind import RunKind, Value

if TYPE_CHECKING:
    from bloomery.plan.model import NodePlan, Plan
    from bloomery.site import Site


def _variables(site: Site, plan: Plan, host: NodePlan) -> Mapping[str, Value]:
    if site.cluster is None:
        return {}
    return {"model_name": site.cluster.model_name, "serve_port": site.cluster.port}


RUN = RunKind(
    name="serve",
    noun="cluster",
    groups={"serving": "serving"},
    variables=_variables,
    needs=("base", "train"),  # it serves what the training exported
    minimum={"serving": 1},
)
