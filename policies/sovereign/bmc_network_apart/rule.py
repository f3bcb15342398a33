"""BMCs live in a network of their own: not the hosts', and never a public one.

On the site: ``oobCidr`` and ``provisioningCidr`` do not overlap, and the controller's
BMC-side address lies in the first. On a node: the BMC's address is neither in the
host's network nor routable on the internet.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyComplianceFramework,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

REMEDY = (
    "Give the BMCs a network of their own (networks.oob.cidr in site.yaml) that no tenant "
    "network overlaps or reaches, and correct the addresses in machines.csv."
)


def _site(props: Mapping[str, Any], report: ReportViolation) -> None:
    oob = ip_network(props["oobCidr"])
    hosts = ip_network(props["provisioningCidr"])
    if oob.overlaps(hosts):
        report(f"BMC network {oob} overlaps the host network {hosts}", None)
    if oob.is_global:
        report(f"BMC network {oob} is public", None)
    controller = ip_address(props["controllerOob"])
    if controller not in oob:
        report(f"controller address {controller} is outside the BMC network {oob}", None)


def _node(props: Mapping[str, Any], report: ReportViolation) -> None:
    host = props["host"]
    bmc = ip_address(props["bmc"]["address"].partition(":")[0])
    network = ip_interface(f"{host['address']}/{int(host['prefix'])}").network
    if bmc in network:
        report(f"BMC {bmc} is in the host network {network}", None)
    if bmc.is_global:
        report(f"BMC {bmc} has a public address", None)


def bmc_network_apart(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report a BMC, or a BMC network, that hosts or the internet share."""
    rules = {"bloomery:site:Site": _site, "bloomery:metal:Node": _node}
    rule = rules.get(args.resource_type)
    if rule is None:
        args.not_applicable("neither a site nor a machine")
        return
    try:
        rule(args.props, report)
    except KeyError as missing:
        report(f"{missing.args[0]} is missing, so the networks cannot be compared", None)
    except ValueError as fault:
        report(f"an address cannot be read: {fault}", None)


POLICY = ResourceValidationPolicy(
    name="bmc-network-apart",
    description="BMCs are reachable from their own management network only.",
    validate=bmc_network_apart,
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    framework=PolicyComplianceFramework("NIST SP 800-53", "r5", "SC-7(13)"),
    tags=[
        "NIST SP 800-53/r5/SC-7(13)",
        "NIST SP 800-53/r5/AC-17(3)",
        "NIST SP 800-53/r5/SC-37",
        "BSI C5/2020/COS-05",
        "BSI Grundschutz++/2026-07-29/ARCH.2.2.7",
        "ISO 27001 Annex A/2022/8.22",
        "SecNumCloud/3.2/9.6",
    ],
    remediation_steps=REMEDY,
)
