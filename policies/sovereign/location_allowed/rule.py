"""A site and its storage stand in locations that law and contracts allow.

An allowed entry is a location (``UA-kyiv``) or a whole country (``UA``). A list that
allows nothing refuses everything.
"""

from __future__ import annotations

from collections.abc import Callable

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]


def _outside(location: str, allowed: list[str]) -> bool:
    return location not in allowed and location.partition("-")[0] not in allowed


def site(args: ResourceValidationArgs, report: Report) -> None:
    """Where the site stands."""
    location = args.props.get("location") or ""
    country = args.props.get("country") or ""
    allowed = list(args.props.get("allowedLocations") or [])
    if not location or not country:
        report("the site gives no country and location")
        return
    if location.partition("-")[0] != country:
        report(f"location {location} is not in country {country}")
    if _outside(location, allowed):
        report(f"location {location} is not one of {', '.join(allowed) or 'none'}")


def storage(args: ResourceValidationArgs, report: Report) -> None:
    """Where data lies."""
    part = args.props["slice"]
    allowed = list(part["allowedLocations"])
    for tier in part["tiers"]:
        location = tier["location"]
        if not location:
            report(f"tier {tier['name']} does not give the location of its data")
        elif _outside(location, allowed):
            said = ", ".join(allowed) or "none"
            report(f"tier {tier['name']}: location {location} is not one of {said}")


JUDGES = {"bloomery:site:Site": site, "bloomery:storage:StorageTier": storage}
