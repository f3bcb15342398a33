"""The plan of a whole site, noun by noun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bloomery.catalogue import release
from bloomery.plan.cluster import plan_cluster
from bloomery.plan.cooling import plan_cooling
from bloomery.plan.fabric import plan_fabric
from bloomery.plan.metal import plan_metal
from bloomery.plan.model import Plan, SiteFacts, SoftwarePlan
from bloomery.plan.runs import chosen_kinds, plan_runs
from bloomery.plan.software.site_software import pins_of, plan_software
from bloomery.plan.sovereignty import sovereignty_facts
from bloomery.plan.storage import plan_storage
from bloomery.site import Site


def make_plan(site: Site) -> Plan:
    """What shall be on ``site``. Pure: the same site gives the same bytes."""
    fabric = plan_fabric(site)
    software = plan_software(site, (kind.name for kind in chosen_kinds(site)))
    metal = replace(plan_metal(site, fabric), software=software)
    plan = Plan(
        site=_facts(site, software),
        metal=metal,
        cooling=plan_cooling(site, metal),
        fabric=fabric,
        storage=plan_storage(site),
        cluster=plan_cluster(site, metal),
    )
    return replace(plan, runs=plan_runs(site, plan))


def _facts(site: Site, software: Sequence[SoftwarePlan]) -> SiteFacts:
    return SiteFacts(
        name=site.name,
        country=site.country,
        location=site.location,
        allowed_locations=tuple(sorted(site.policy.allowed_locations)),
        oob_cidr=site.networks.oob.cidr,
        provisioning_cidr=site.networks.provisioning.cidr,
        controller_oob=site.networks.oob.controller,
        depot=site.depot.url,
        release=site.release,
        on_delete=site.on_delete,
        protect=site.protect,
        bmc_credentials=site.trust.bmc_credentials,
        lab=site.lab,
        pins=pins_of(release(site.release), software),
        sovereignty=sovereignty_facts(site.sovereignty),
        runs=tuple(kind.name for kind in chosen_kinds(site)),
    )
