"""The software of a whole site: one set for each kind of machine it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bloomery.catalogue import Release, node_model, release
from bloomery.catalogue.software import NodeMode
from bloomery.plan.model import SoftwarePlan
from bloomery.plan.software.solve import solve
from bloomery.plan.software.target import Target
from bloomery.plan.software.vendors import VENDORS
from bloomery.site import Site
from bloomery.site.metal.sheet import Purpose

RUN = "slurm"
"""Run that brings Slurm."""


def plan_software(site: Site, runs: Iterable[str]) -> tuple[SoftwarePlan, ...]:
    """What the site's release gives to its machines, by model, purpose and mode; empty where the
    release has no software set. ``runs`` are the runs that the site chose."""
    ordered = release(site.release)
    if ordered.software is None:
        return ()
    scheduler = RUN in tuple(runs)
    pools: dict[tuple[str, Purpose, NodeMode], list[str]] = defaultdict(list)
    for pool in site.pools:
        pools[pool.model, pool.purpose, pool.node_mode].append(pool.name)
    found = (
        solve(ordered, Target(node_model(model), purpose, mode, scheduler), sorted(names))
        for (model, purpose, mode), names in pools.items()
    )
    return tuple(sorted((it for it in found if it), key=lambda it: it.name))


def pins_of(ordered: Release, sets: Iterable[SoftwarePlan]) -> Mapping[str, str]:
    """What the release pins for policies and people: what it says, its system, what its vendors
    are called by, and the oldest driver of the sets."""
    drivers = [version for one in sets if (version := driver_of(one))]
    oldest = {"driver": min(drivers, key=_numbers)} if drivers else {}
    return dict(sorted({**ordered.pins, **_headlines(ordered), **oldest}.items()))


def _headlines(ordered: Release) -> Mapping[str, str]:
    if ordered.software is None:
        return {}
    name, _, version = ordered.software.system.rpartition("-")
    told = (vendor.told(ordered.software).items() for vendor in VENDORS.values())
    return {name: version, **{key: value for pairs in told for key, value in pairs}}


def driver_of(one: SoftwarePlan) -> str:
    """Upstream version of its GPU driver; empty where it has none."""
    return next((upstream(it.version) for it in one.of_step("driver")), "")


def upstream(version: str) -> str:
    """``4.6.0`` of ``1:4.6.0-1``."""
    plain = version.partition(":")[2] or version
    return plain.rpartition("-")[0] or plain


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
