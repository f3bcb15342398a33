"""The fabric slice: so far the site's own words, by name."""

from __future__ import annotations

from bloomery.plan.model import SlicePlan
from bloomery.site import Site


def plan_fabric(site: Site) -> SlicePlan:
    """The ``fabric`` mapping of the site, sorted by key."""
    return SlicePlan(facts=dict(sorted(site.fabric.items())))
