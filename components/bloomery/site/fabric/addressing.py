"""How the pools of an Ethernet network are cut, and whether its growth target fits them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from bloomery.site.fabric.sheet import Addresses, Network
from bloomery.site.fabric.tree import Tree

CORE_ASNS = 900
"""Numbers after a network's first at which its cores begin; pods times planes stay below."""

LEAF_ASNS = 1000
"""Numbers after a network's first at which its leaves begin."""


def quarter(loopbacks: ipaddress.IPv4Network) -> int:
    """Loopbacks of one tier."""
    return loopbacks.num_addresses // 4


def host_block(tree: Tree) -> int:
    """Addresses of one leaf's machines: a /31 for each port down, up to the next power of 2.

    A switch of 64 ports gives a /26, one of 128 a /25.
    """
    return 2 * (1 << (max(tree.radix // 2, tree.down) - 1).bit_length())


def asns(network: Network) -> range:
    """Autonomous system numbers the network may take at its growth target."""
    first = network.addresses.asn if network.addresses else 0
    return range(first, first + LEAF_ASNS + network.target * network.rails * network.planes)


def shortages(addresses: Addresses, tree: Tree, planes: int) -> Iterator[tuple[str, int, int]]:
    """Pools too small for the growth target: key, addresses needed, addresses there."""
    leaves = tree.su_max * tree.unit_leaves * planes
    spines = tree.pods_max * tree.pod_spines * planes
    tallest = max(leaves, spines, tree.cores * planes)
    max_up = tree.radix // 2
    layers = max(leaves, spines if tree.cores else 0) * max_up * 2
    needs = {
        "loopbacks": 4 * tallest,
        "links": 2 * layers,
        "hosts": leaves * host_block(tree),
    }
    for key, needed in needs.items():
        there = ipaddress.IPv4Network(getattr(addresses, key)).num_addresses
        if needed > there:
            yield key, needed, there
