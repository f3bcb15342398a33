"""The tree that the sheet of a network asks for."""

from __future__ import annotations

from bloomery.site.fabric.sheet import Network
from bloomery.site.fabric.tree import Asked, Tree, smallest, tree


def asked_of(network: Network, radix: int) -> Asked:
    """What the tree of ``network`` is to hold, on switches of ``radix`` ports."""
    return Asked(
        radix=radix,
        rails=network.rails,
        nodes_per_su=network.nodes_per_su,
        su_max=network.target,
        oversubscription=network.oversubscription,
        managers=-(-network.reserved_ports // network.planes),
    )


def tree_of(network: Network, radix: int) -> Tree:
    """Sizes of ``network`` on switches of ``radix`` ports. Raises TreeError where none fits."""
    asked, tiers, rails = asked_of(network, radix), network.tiers, network.rails_per_leaf
    if tiers == "auto":
        return smallest(asked, rails_per_leaf=rails)
    if tiers == "1":
        return smallest(asked, tiers=1, rails_per_leaf=rails)
    return tree(asked, tiers=int(tiers) if tiers else None, rails_per_leaf=rails or 1)
