"""Rails of machines that differ from pool to pool, for the rules of the fabric."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bloomery.plan.model import NetworkPlan, Plan


def rails_of(network: NetworkPlan, pool: str) -> int:
    """Ports a machine of ``pool`` has in one plane of ``network``."""
    return network.pool_rails.get(pool, network.rails)


def rails_in(plan: Plan, network: NetworkPlan) -> Mapping[int, int]:
    """Unit of ``network`` -> rails that leaves are built for.

    A unit is meant for the pools that begin in it, or else for those that began last below it. A
    machine stands in the unit of the leaves it is plugged into.
    """
    found: dict[int, int] = {}
    starts = {network.pool_units.get(pool, 1): 0 for pool in network.pools}
    for pool in network.pools:
        first = network.pool_units.get(pool, 1)
        starts[first] = max(starts[first], rails_of(network, pool))
    meant = network.rails
    for unit in range(1, network.su + 1):
        meant = found[unit] = starts.get(unit, meant)
    if network.pool_rails:
        for unit, rails in _standing(plan, network):
            found[unit] = max(found.get(unit, 0), rails)
    return found


def _standing(plan: Plan, network: NetworkPlan) -> set[tuple[int, int]]:
    """(Unit, rails) of the machines as they are plugged in."""
    pools = {node.name: node.pool for node in plan.metal.nodes}
    units = {it.name: it.su for it in plan.fabric.switches if it.network == network.name}
    return {
        (units.get(it.b_device, 0), rails_of(network, pools[it.a_device]))
        for it in plan.fabric.cables
        if it.network == network.name and it.layer == "node-leaf" and it.a_device in pools
    }


def leaves_in(plan: Plan, network: NetworkPlan) -> Mapping[int, int]:
    """Unit of ``network`` -> leaves of one plane that must be built in it."""
    shared, each = network.rails_per_leaf, network.rails // network.rails_per_leaf
    found = {unit: math.ceil(rails / shared) for unit, rails in rails_in(plan, network).items()}
    if found:  # managers are on the first leaves of unit 1, whoever else is
        found[1] = max(found[1], min(network.reserved_ports, each))
    return found
