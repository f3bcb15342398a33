"""Tiers, and the checkpoints they are sized for."""

from __future__ import annotations

from bloomery.plan.model import StoragePlan
from bloomery.site import Site


def plan_storage(site: Site) -> StoragePlan:
    """Storage tiers of ``site``."""
    if site.storage is None:
        return StoragePlan()
    return StoragePlan()
