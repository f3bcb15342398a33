"""What resources were called in stacks of the last release, so that an update finds them.

Release 0.1: one component each for the whole fabric, all coolant loops and all storage tiers, one
``run-base`` for all machines below the cluster, and the acceptance below the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from bloomery.plan.model import Plan

FABRIC, COOLING, STORAGE = "fabric", "coolant", "storage"
"""Names of the components that stood for all networks, loops and tiers."""

CLUSTER = "bloomery:site:Site$bloomery:cluster:Cluster"
"""Type of the cluster with its parents, as it stands in a URN."""


def runs(plan: Plan) -> Mapping[str, str]:
    """Name of a run's resource -> URN of the resource that did its work before."""
    first = next((run for run in plan.runs if run.kind == "base"), None)
    if first is None:
        return {}
    return {f"run-{first.name}": _urn("bloomery:ansible:Run", "run-base")}


def acceptance() -> str:
    """URN of the acceptance."""
    return _urn("bloomery:evidence:Acceptance", "acceptance")


def _urn(token: str, name: str) -> str:
    stack, project = pulumi.get_stack(), pulumi.get_project()
    return f"urn:pulumi:{stack}::{project}::{CLUSTER}${token}::{name}"
