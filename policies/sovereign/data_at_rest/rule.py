"""All data at rest is encrypted, and the nation or the site holds the keys.

On the site: whose the keys are in general (state, evidence, hosts' disks). On storage:
each tier is encrypted, by a key that is not the vendor's.
"""

from __future__ import annotations

from collections.abc import Callable

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]

CUSTODIANS = ("site", "national")
"""Who may hold keys. A vendor's key opens the data in the vendor's country."""


def site(args: ResourceValidationArgs, report: Report) -> None:
    """Whose keys the site's are."""
    custody = args.props["sovereignty"]["keyCustody"] or "not given"
    if custody not in CUSTODIANS:
        report(f"key custody is {custody}, not {' or '.join(CUSTODIANS)}")


def storage(args: ResourceValidationArgs, report: Report) -> None:
    """Whether each tier is encrypted, and by whose key."""
    for tier in args.props["slice"]["tiers"]:
        if not tier["encrypted"]:
            report(f"tier {tier['name']} is not encrypted")
        elif tier["keyCustody"] not in CUSTODIANS:
            report(f"tier {tier['name']}: key custody is {tier['keyCustody'] or 'not given'}")


JUDGES = {"bloomery:site:Site": site, "bloomery:storage:StorageTier": storage}
