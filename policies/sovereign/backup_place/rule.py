"""Backups are encrypted, at another site where law allows, with one copy offline.

On the site: state, evidence and configuration go there. On storage: home and object tiers
hold what nobody can compute again; node, scratch and archive tiers need no copy of theirs.
"""

from __future__ import annotations

from collections.abc import Callable

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]

NEEDS_COPY = {2: "home", 3: "object"}
"""Number of a tier -> what it is, of those that need a backup."""


def _wrong(where: str, home: str, allowed: list[str]) -> str:
    """Why a backup may not go there; empty where it may."""
    if not where:
        return "no site is named"
    if where == home:
        return f"{where} is the site itself"
    if where not in allowed and where.partition("-")[0] not in allowed:
        return f"{where} is not one of {', '.join(allowed) or 'none'}"
    return ""


def site(args: ResourceValidationArgs, report: Report) -> None:
    """Where the site's own backup goes, and how."""
    facts = args.props["sovereignty"]
    allowed = list(args.props["allowedLocations"])
    if why := _wrong(facts["backupSite"], args.props["location"], allowed):
        report(f"backup: {why}")
    if not facts["backupEncrypted"]:
        report("backup is not encrypted")
    if not facts["backupOffline"]:
        report("backup has no offline copy: all copies are reachable over the network")


def storage(args: ResourceValidationArgs, report: Report) -> None:
    """Where the backup of each tier goes."""
    part = args.props["slice"]
    allowed = list(part["allowedLocations"])
    for tier in part["tiers"]:
        if int(tier["tier"]) in NEEDS_COPY and (
            why := _wrong(tier["backup"], tier["location"] or part["location"], allowed)
        ):
            report(f"backup of tier {tier['name']}: {why}")


JUDGES = {"bloomery:site:Site": site, "bloomery:storage:StorageTier": storage}
