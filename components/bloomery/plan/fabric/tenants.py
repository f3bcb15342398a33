"""Numbers of projects in every network, each a fixed step from the project's own id."""

from __future__ import annotations

from collections.abc import Iterable

from bloomery.plan.model import TenantPlan
from bloomery.site.cluster.sheet import Project
from bloomery.site.fabric.sheet import TenantNumbers

RT_ADMINISTRATOR = 65000
"""First half of every route target. Never the automatic one: that keeps 16 bits of a 4-byte
autonomous system number, so two of them can meet (RFC 8365 wants it set by hand)."""


def plan_tenants(numbers: TenantNumbers, projects: Iterable[Project]) -> tuple[TenantPlan, ...]:
    """One for each project, by id. A project that goes leaves its numbers unused."""
    return tuple(
        _tenant(numbers, project) for project in sorted(projects, key=lambda project: project.id)
    )


def _tenant(numbers: TenantNumbers, project: Project) -> TenantPlan:
    vni = numbers.vni + project.id
    return TenantPlan(
        project=project.name,
        index=project.id,
        vni=vni,
        route_target=f"{RT_ADMINISTRATOR}:{vni}",
        pkey=f"0x{numbers.pkeys_from + project.id - 1:04x}",
    )
