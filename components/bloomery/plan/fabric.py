"""Networks, switches, cables, addresses."""

from __future__ import annotations

from bloomery.plan.model import FabricPlan
from bloomery.site import Site


def plan_fabric(site: Site) -> FabricPlan:
    """Networks of ``site``; empty where it has none of its own."""
    if site.fabric is None:
        return FabricPlan()
    return FabricPlan()
