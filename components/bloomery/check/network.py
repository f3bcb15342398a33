"""Rule M5: every address lies in its network, and is one a machine may have."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from bloomery.check.identity import bmc_endpoint
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import Plan


def _outside(plan: Plan) -> Iterator[Finding]:
    oob = ipaddress.IPv4Network(plan.site.oob_cidr)
    provisioning = ipaddress.IPv4Network(plan.site.provisioning_cidr)
    for node in plan.metal.nodes:
        bmc, _ = bmc_endpoint(node.bmc.address)
        if not _usable(bmc, oob):
            yield Finding(
                subject=f"{node.name} (BMC)",
                value=bmc,
                limit=f"a host address of {oob}",
                remedy="correct bmc_address in machines.csv, or networks.oob.cidr",
            )
        if not _usable(node.host.address, provisioning):
            yield Finding(
                subject=f"{node.name} (host)",
                value=node.host.address,
                limit=f"a host address of {provisioning}",
                remedy="widen networks.provisioning.cidr: it needs 256 addresses per rack number",
            )
    for part in plan.metal.parts:
        if not _usable(part.oob_address, oob):
            yield Finding(
                subject=f"{part.name} (out of band)",
                value=part.oob_address,
                limit=f"a host address of {oob}",
                remedy="widen networks.oob.cidr: it needs 256 addresses per rack number",
            )


def _usable(address: str, network: ipaddress.IPv4Network) -> bool:
    candidate = ipaddress.IPv4Address(address)
    return candidate in network and candidate not in (
        network.network_address,
        network.broadcast_address,
    )


RULES = (Rule("M5", "Every address is in its network", "networks of site.yaml", _outside),)
