"""What law and the nation's rules are measured against, as plain facts."""

from __future__ import annotations

from bloomery.plan.model import EgressRoute, SovereigntyFacts
from bloomery.site.national.sovereignty import Egress, Sovereignty


def sovereignty_facts(said: Sovereignty) -> SovereigntyFacts:
    """What the site says; empty or zero where it says nothing."""
    egress, facility, backup = said.egress, said.facility, said.backup
    budget = said.change_budget
    return SovereigntyFacts(
        key_custody=said.key_custody or "",
        egress_default=egress.default if egress else "",
        egress_allow=tuple(sorted(way.host for way in egress.allow)) if egress else (),
        egress_routes=_routes(egress) if egress else (),
        registries=tuple(sorted(said.registries)),
        images_by_digest=said.images_by_digest,
        ot_cidr=facility.cidr if facility else "",
        ot_broker=facility.broker if facility else "",
        backup_site=backup.site if backup else "",
        backup_encrypted=backup.encrypted if backup else False,
        backup_offline=backup.offline if backup else False,
        time_sources=tuple(sorted(said.time_sources)),
        # Whole days, rounded down: a secret must not outlive what was asked.
        secret_max_age_days=int(said.secret_max_age or 0),
        driver_floor=said.floor.driver or "",
        firmware_floor=said.floor.firmware or "",
        budget_nodes_percent=budget.nodes if budget else 0.0,
        budget_hours=budget.time if budget else 0.0,
    )


def _routes(egress: Egress) -> tuple[EgressRoute, ...]:
    urls = {proxy.name: proxy.url for proxy in egress.proxies}
    ways = sorted(egress.allow, key=lambda way: way.host)
    return tuple(EgressRoute(way.host, way.proxy, urls[way.proxy]) for way in ways)
