"""Addresses and autonomous systems of one Ethernet network, all by fixed stride.

Nothing here counts what is built. A link's address follows from leaf and uplink, a host's
from leaf and port, so a network that grows renumbers nobody.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from bloomery.site.fabric.addressing import (
    CORE_ASNS,
    LEAF_ASNS,
    host_block,
    quarter,
)
from bloomery.site.fabric.sheet import Addresses
from bloomery.site.fabric.tree import Tree

TIERS = ("leaf", "spine", "core")
"""Tiers in the order of their quarters of the loopback pool."""


def dotted(number: int) -> str:
    """An IPv4 address from its 32 bits; by hand, since tens of thousands are written."""
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@dataclass(frozen=True)
class Numbers:
    """Numbers of one network; first addresses as integers."""

    loopbacks: int
    quarter: int
    links: int
    core_links: int
    hosts: int
    host_block: int
    max_up: int
    planes: int
    asn: int

    def loopback(self, tier: str, index: int) -> str:
        """Loopback of a switch, with prefix."""
        return f"{dotted(self.loopbacks + TIERS.index(tier) * self.quarter + index)}/32"

    def link(self, lower: int, uplink: int, *, core: bool) -> tuple[str, str]:
        """Both ends of the link at ``uplink`` (from 0) of the switch ``lower`` (its index)."""
        base = self.core_links if core else self.links
        return _pair(base + 2 * (lower * self.max_up + uplink))

    def host(self, leaf: int, port: int) -> tuple[str, str]:
        """Host's and leaf's end at leaf port ``port`` (from 1)."""
        return _pair(self.hosts + leaf * self.host_block + 2 * (port - 1))

    def leaf_asn(self, index: int) -> int:
        """A leaf has one of its own."""
        return self.asn + LEAF_ASNS + index

    def spine_asn(self, pod: int, plane: int) -> int:
        """Spines of one pod and plane share one (RFC 7938, section 5.2.1)."""
        return self.asn + pod * self.planes + plane - 1

    def core_asn(self, plane: int) -> int:
        """Cores of one plane share one."""
        return self.asn + CORE_ASNS + plane - 1


def numbers(addresses: Addresses, tree: Tree, planes: int) -> Numbers:
    """Strides of the network at ``addresses``."""
    links = ipaddress.IPv4Network(addresses.links)
    loopbacks = ipaddress.IPv4Network(addresses.loopbacks)
    return Numbers(
        loopbacks=int(loopbacks.network_address),
        quarter=quarter(loopbacks),
        links=int(links.network_address),
        core_links=int(links.network_address) + links.num_addresses // 2,
        hosts=int(ipaddress.IPv4Network(addresses.hosts).network_address),
        host_block=host_block(tree),
        max_up=tree.radix // 2,
        planes=planes,
        asn=addresses.asn,
    )


def _pair(base: int) -> tuple[str, str]:
    return f"{dotted(base)}/31", f"{dotted(base + 1)}/31"
