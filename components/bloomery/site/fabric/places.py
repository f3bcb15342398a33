"""The place of a machine in a network, by its number in its pool."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bloomery.names import short_name
from bloomery.site.fabric.sheet import Network
from bloomery.site.fabric.tree import Tree
from bloomery.site.metal.machine import Machine


def machine_number(machine: Machine) -> int:
    """Its ``number`` in ``machines.csv``; where none is written, the number at the end of its
    name, the domain left out, or 0."""
    if machine.number is not None:
        return machine.number
    found = re.search(r"[0-9]+$", short_name(machine.name))
    return int(found.group()) if found else 0


def place(network: Network, machine: Machine) -> tuple[int, int] | None:
    """(Unit, slot) of ``machine``, both from 1; None if it has none.

    Machine 1 of a pool stands in the first slot of the pool's first unit, or in the one that
    ``pool_places`` says, and so on: a machine never moves because another one came or went.
    """
    first, number = network.pools.get(machine.pool), machine_number(machine)
    if first is None or not number:
        return None
    before = network.pool_places.get(machine.pool, 1) - 1
    su, slot = divmod(before + number - 1, network.nodes_per_su)
    return first + su, slot + 1


def unit_rails(network: Network, machines: Iterable[Machine]) -> dict[int, int]:
    """Unit -> rails it is built with: those of the pools it is for, and of the ``machines`` in it.

    A unit is for the pools that began last, at it or below; one below all pools is for whatever
    comes. A machine that comes may add leaves; it never takes one away.
    """
    found = {su: _rails_meant(network, su) for su in range(1, network.su + 1)}
    for machine in machines if network.pool_rails else ():
        at = place(network, machine)
        if at is not None and at[0] in found:
            found[at[0]] = max(found[at[0]], network.rails_of(machine.pool))
    return found


def _rails_meant(network: Network, su: int) -> int:
    begun = max((first for first in network.pools.values() if first <= su), default=0)
    meant = (network.rails_of(pool) for pool, first in network.pools.items() if first == begun)
    return max(meant, default=network.rails)


def manager_port(network: Network, tree: Tree, number: int) -> tuple[int, int, int]:
    """First rail of its leaf, plane and leaf port of manager ``number`` (from 0) of the fabric.

    All from 1. They stand on the leaves of unit 1: leaves first, then planes, then the next port
    down.
    """
    rest, leaf = divmod(number, tree.unit_leaves)
    row, plane = divmod(rest, network.planes)
    return leaf * tree.rails_per_leaf + 1, plane + 1, tree.down - row


def leaf_port(tree: Tree, slot: int, rail: int) -> int:
    """Leaf port of ``rail`` of the machine in ``slot``, all from 1: ports of a machine side by
    side where rails share a leaf."""
    return (slot - 1) * tree.rails_per_leaf + (rail - 1) % tree.rails_per_leaf + 1


def first_rail(tree: Tree, rail: int) -> int:
    """First of the rails that share a leaf with ``rail``."""
    return rail - (rail - 1) % tree.rails_per_leaf


def reserved_slots(network: Network, tree: Tree) -> frozenset[int]:
    """Slots of unit 1 that no machine can have, since managers take a port of theirs."""
    ports = (manager_port(network, tree, it)[2] for it in range(network.reserved_ports))
    return frozenset((port - 1) // tree.rails_per_leaf + 1 for port in ports)
