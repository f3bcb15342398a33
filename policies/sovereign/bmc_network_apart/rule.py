"""BMCs live in a network of their own: not the hosts', and never a public one.

On the site: ``oobCidr`` and ``provisioningCidr`` do not overlap, and the controller's
BMC-side address lies in the first. On a node: the BMC's address is neither in the
host's network nor routable on the internet.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_interface, ip_network

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]


def site(args: ResourceValidationArgs, report: Report) -> None:
    """The two networks of the site."""
    oob = ip_network(args.props["oobCidr"])
    hosts = ip_network(args.props["provisioningCidr"])
    if oob.overlaps(hosts):
        report(f"BMC network {oob} overlaps the host network {hosts}")
    if oob.is_global:
        report(f"BMC network {oob} is public")
    controller = ip_address(args.props["controllerOob"])
    if controller not in oob:
        report(f"controller address {controller} is outside the BMC network {oob}")


def node(args: ResourceValidationArgs, report: Report) -> None:
    """The two addresses of a machine."""
    host = args.props["host"]
    bmc = ip_address(args.props["bmc"]["address"].partition(":")[0])
    network = ip_interface(f"{host['address']}/{int(host['prefix'])}").network
    if bmc in network:
        report(f"BMC {bmc} is in the host network {network}")
    if bmc.is_global:
        report(f"BMC {bmc} has a public address")


JUDGES = {"bloomery:site:Site": site, "bloomery:metal:Node": node}
