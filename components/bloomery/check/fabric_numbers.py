"""Rules F4, F5, F6 and F9: addresses, autonomous systems and numbers of projects."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from bloomery.check.identity import bmc_endpoint
from bloomery.check.preconditions import FABRIC, PROJECTS, ROUTED
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import NetworkPlan, Plan

PRIVATE_ASNS = range(4_200_000_000, 4_294_967_295)
"""Private 4-byte autonomous system numbers (RFC 6996); the next one is reserved (RFC 7300)."""

PKEYS = range(0x0002, 0x7FFF)
"""Partition keys for projects: 15 bits, without 0, 1 and the default partition."""

VNIS = range(1, 2**24)
"""VXLAN network identifiers (RFC 7348)."""


def _address_twice(plan: Plan) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for address, holder in _holders(plan):
        before = first.setdefault(address, holder)
        if before is not holder:
            yield Finding(
                subject=f"{before}, {holder}",
                value=f"address {address} assigned twice",
                limit="once",
                remedy="choose address pools that do not overlap, or correct bmc_address in"
                " machines.csv",
            )


def _holders(plan: Plan) -> Iterator[tuple[str, str]]:
    # The rule on machines (M2) compares these with each other; here they meet the fabric's.
    known = {bmc_endpoint(node.bmc.address)[0]: f"{node.name} (BMC)" for node in plan.metal.nodes}
    known |= {node.host.address: f"{node.name} (host)" for node in plan.metal.nodes}
    known |= {part.oob_address: f"{part.name} (out of band)" for part in plan.metal.parts}
    known[plan.site.controller_oob] = "the controller"
    yield from known.items()
    for switch in plan.fabric.switches:
        for address, what in ((switch.loopback, "loopback"), (switch.oob_address, "out of band")):
            if address:
                yield address.partition("/")[0], f"{switch.name} ({what})"
    for cable in plan.fabric.cables:
        if cable.a_address:
            yield cable.a_address.partition("/")[0], f"{cable.a_device} {cable.a_port}"
        if cable.b_address:
            yield cable.b_address.partition("/")[0], f"{cable.b_device} {cable.b_port}"


def _systems(plan: Plan) -> Iterator[Finding]:
    networks = {network.name: network for network in plan.fabric.networks}
    holders: dict[int, tuple[object, ...]] = {}
    names: dict[int, str] = {}
    for switch in plan.fabric.switches:
        network = networks[switch.network]
        if not network.asn_first:
            continue
        # Leaves have one each; spines of one pod, and cores, share one in their plane.
        own = switch.index if switch.tier == "leaf" else switch.pod
        holder = (switch.network, switch.tier, switch.plane, own)
        if (
            switch.asn not in PRIVATE_ASNS
            or not network.asn_first <= switch.asn <= network.asn_last
        ):
            yield Finding(
                subject=switch.name,
                value=f"AS {switch.asn}",
                limit=f"{network.asn_first} to {network.asn_last}, private",
                remedy=f"another fabric.{switch.network}.addresses.asn",
            )
        elif holders.setdefault(switch.asn, holder) != holder:
            yield Finding(
                subject=f"{names[switch.asn]}, {switch.name}",
                value=f"AS {switch.asn} assigned twice",
                limit="one per leaf, one per pod's spines, one per plane's cores",
                remedy="choose asn values of the networks that do not overlap",
            )
        names.setdefault(switch.asn, switch.name)


def _tenants(plan: Plan) -> Iterator[Finding]:
    first: dict[tuple[str, object], str] = {}
    for tenant in plan.fabric.tenants:
        pkey = int(tenant.pkey, 16)
        # The 16th bit only says full or limited: 0x8010 is the partition 0x0010.
        numbers = (
            ("VNI", tenant.vni),
            ("route target", tenant.route_target),
            ("PKey", pkey & 0x7FFF),
            ("id", tenant.index),
        )
        for kind, number in numbers:
            before = first.setdefault((kind, number), tenant.project)
            if before != tenant.project:
                yield Finding(
                    subject=f"{before}, {tenant.project}",
                    value=f"{kind} {number} assigned twice",
                    limit="once",
                    remedy="give each project a unique id",
                )
        wrong = _wrong_number(tenant.vni, tenant.route_target, pkey)
        if wrong:
            yield Finding(
                subject=tenant.project,
                value=wrong[0],
                limit=wrong[1],
                remedy="a lower id of the project, or other fabric.tenants",
            )


def _wrong_number(vni: int, target: str, pkey: int) -> tuple[str, str] | None:
    if pkey not in PKEYS:
        return f"PKey 0x{pkey:04x}", f"0x{PKEYS[0]:04x} to 0x{PKEYS[-1]:04x}"
    if vni not in VNIS:
        return f"VNI {vni}", f"{VNIS[0]} to {VNIS[-1]}"
    if target != f"65000:{vni}":
        return f"route target {target}", f"65000:{vni}, set explicitly, not automatic"
    return None


def _outside(plan: Plan) -> Iterator[Finding]:
    pools = {it.name: _Pools(it) for it in plan.fabric.networks if it.loopback_cidr}
    oob = ipaddress.IPv4Network(plan.site.oob_cidr)
    for switch in plan.fabric.switches:
        found = pools.get(switch.network)
        if found and not found.loopbacks.holds(switch.loopback):
            yield _stray(switch.name, switch.loopback, found.loopbacks.cidr, switch.network)
        if switch.oob_address and ipaddress.IPv4Address(switch.oob_address) not in oob:
            yield Finding(
                subject=switch.name,
                value=switch.oob_address,
                limit=f"an address of {oob}",
                remedy="widen networks.oob.cidr: it needs 256 addresses per rack number",
            )
    for cable in plan.fabric.cables:
        found = pools.get(cable.network)
        if found is None:
            continue
        pool = found.hosts if cable.layer == "node-leaf" else found.links
        for end, address in ((cable.a_device, cable.a_address), (cable.b_device, cable.b_address)):
            if not pool.holds(address):
                yield _stray(f"{end} of {cable.id}", address, pool.cidr, cable.network)


class _Pool:
    def __init__(self, cidr: str) -> None:
        network = ipaddress.IPv4Network(cidr)
        self.cidr = cidr
        self._first = int(network.network_address)
        self._count = network.num_addresses

    def holds(self, address: str) -> bool:
        """By hand: tens of thousands are asked, and the library is slow at it."""
        parts = address.partition("/")[0].split(".")
        if len(parts) != 4 or not all(part.isdigit() for part in parts):
            return False
        a, b, c, d = map(int, parts)
        return 0 <= (a << 24 | b << 16 | c << 8 | d) - self._first < self._count


class _Pools:
    def __init__(self, network: NetworkPlan) -> None:
        self.loopbacks = _Pool(network.loopback_cidr)
        self.links = _Pool(network.link_cidr)
        self.hosts = _Pool(network.host_cidr)


def _stray(subject: str, address: str, cidr: str, network: str) -> Finding:
    return Finding(
        subject=subject,
        value=address or "no address",
        limit=f"an address of {cidr}",
        remedy=f"widen the pools in fabric.{network}.addresses",
    )


RULES = (
    Rule(
        "F4",
        "No two fabric ports share an address",
        "RFC 1122: an address names one port",
        _address_twice,
    ),
    Rule(
        "F5",
        "AS numbers are private and do not overlap",
        "RFC 6996, RFC 7938 5.2.1",
        _systems,
        (FABRIC, ROUTED),
    ),
    Rule(
        "F6",
        "Projects share no VNI, route target or PKey",
        "RFC 8365: route targets by hand; InfiniBand: 15 bits of a PKey",
        _tenants,
        (PROJECTS, FABRIC),
    ),
    Rule(
        "F9",
        "Every address is in its pool",
        "fabric.*.addresses of site.yaml",
        _outside,
        (FABRIC,),
    ),
)
