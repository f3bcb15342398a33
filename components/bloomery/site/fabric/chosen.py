"""The tree that the sheet of a network asks for."""

from __future__ import annotations

from bloomery.site.fabric.sheet import Network
from bloomery.site.fabric.tree import Tree, tree


def tree_of(network: Network, radix: int) -> Tree:
    """Sizes of ``network`` on switches of ``radix`` ports. Raises TreeError where none fits."""
    managed = network.rails * network.planes
    return tree(
        radix=radix,
        rails=network.rails,
        nodes_per_su=network.nodes_per_su,
        su_max=network.target,
        oversubscription=network.oversubscription,
        managers=-(-network.reserved_ports // managed),
    )
