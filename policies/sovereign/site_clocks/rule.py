"""Clocks are synchronised with time sources on the site.

A name may resolve to anywhere; so a source is an address in one of the site's networks.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]


def site(args: ResourceValidationArgs, report: Report) -> None:
    """Which clocks the site follows."""
    facts = args.props["sovereignty"]
    cidrs = (args.props["oobCidr"], args.props["provisioningCidr"], facts["otCidr"])
    networks = [ip_network(cidr) for cidr in cidrs if cidr]
    if not facts["timeSources"]:
        report("the site names no time source")
    for source in facts["timeSources"]:
        address = ip_address(source)
        if not any(address in network for network in networks):
            report(f"time source {source} is in none of the site's networks")


JUDGES = {"bloomery:site:Site": site}
