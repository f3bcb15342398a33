"""The network of the building (OT) touches no other, and one broker leads out of it.

Pumps, valves and breakers answer whoever reaches them: so nobody does but the broker.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]

OTHERS = {"oobCidr": "BMC network", "provisioningCidr": "host network"}
"""Networks of the site that the facility's must not touch."""


def site(args: ResourceValidationArgs, report: Report) -> None:
    """The facility's network against the others."""
    facts = args.props["sovereignty"]
    if not facts["otCidr"] or not facts["otBroker"]:
        report("the site names no facility network with its one broker")
        return
    facility = ip_network(facts["otCidr"])
    if facility.is_global:
        report(f"facility network {facility} is public")
    for key, name in OTHERS.items():
        other = ip_network(args.props[key])
        if facility.overlaps(other):
            report(f"facility network {facility} overlaps the {name} {other}")
    broker = ip_address(facts["otBroker"])
    if broker not in facility:
        report(f"broker {broker} is outside the facility network {facility}")


JUDGES = {"bloomery:site:Site": site}
