"""Loops, CDUs, flows."""

from __future__ import annotations

from bloomery.plan.model import CoolingPlan, MetalPlan
from bloomery.site import Site


def plan_cooling(site: Site, metal: MetalPlan) -> CoolingPlan:
    """Coolant of ``site``; empty where everything is cooled by air."""
    del metal
    if site.cooling is None:
        return CoolingPlan()
    return CoolingPlan()
