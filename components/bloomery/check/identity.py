"""Rules M1 and M2: no two machines share who they are or where they answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import Plan

DEFAULT_BMC_PORT = 443
"""Port of a BMC address that names none (HTTPS)."""


def _shared(holders: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Value -> who holds it, for values with more than one holder."""
    found: dict[str, list[str]] = defaultdict(list)
    for value, holder in holders:
        found[value].append(holder)
    return {value: names for value, names in found.items() if len(names) > 1}


def _same_identity(plan: Plan) -> Iterator[Finding]:
    nodes = plan.metal.nodes
    kinds = {
        "BMC MAC": [(node.identity.bmc_mac, node.name) for node in nodes],
        "chassis serial": [(node.identity.chassis_serial, node.name) for node in nodes],
        "system UUID": [(node.identity.system_uuid, node.name) for node in nodes],
        "BMC certificate": [
            (node.bmc.cert_sha256, node.name) for node in nodes if node.bmc.cert_sha256
        ],
    }
    for kind, holders in kinds.items():
        for value, names in _shared(holders).items():
            yield Finding(
                subject=", ".join(names),
                value=f"{kind} {value} on {len(names)} machines",
                limit="one machine",
                remedy="read it from the machines again and correct machines.csv",
            )


def bmc_endpoint(address: str) -> tuple[str, int]:
    """Host and port of a BMC address."""
    host, _, port = address.partition(":")
    return host, int(port or DEFAULT_BMC_PORT)


def _same_address(plan: Plan) -> Iterator[Finding]:
    nodes = plan.metal.nodes
    endpoints = [
        ("{}:{}".format(*bmc_endpoint(node.bmc.address)), f"{node.name} (BMC)") for node in nodes
    ]
    macs = [(node.host.mac, f"{node.name} (host)") for node in nodes]
    hosts = [(node.host.address, f"{node.name} (host)") for node in nodes]
    # One BMC per address here: two BMCs behind one address and two ports are fine.
    bmcs = {bmc_endpoint(node.bmc.address)[0]: f"{node.name} (BMC)" for node in nodes}
    parts = [(part.oob_address, f"{part.name} (out of band)") for part in plan.metal.parts]
    site = [(plan.site.controller_oob, "the controller")]
    site += [(gateway, "the gateway") for gateway in sorted({node.host.gateway for node in nodes})]
    for holders in (endpoints, macs, [*hosts, *bmcs.items(), *parts, *site]):
        for value, names in _shared(holders).items():
            yield Finding(
                subject=", ".join(names),
                value=f"address {value} assigned {len(names)} times",
                limit="once",
                remedy="correct machines.csv, or the rack, unit or network it is derived from",
            )


RULES = (
    Rule(
        "M1",
        "No two machines share an identity",
        "delivery list: MAC, serial and UUID name one machine",
        _same_identity,
    ),
    Rule(
        "M2",
        "No two ports share an address",
        "RFC 1122, IEEE 802: an address names one port",
        _same_address,
    ),
)
