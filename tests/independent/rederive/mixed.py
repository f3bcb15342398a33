"""Machines of one network that have fewer ports than others, and the leaves nobody needs then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from rederive.reading import Files, Tree, machine_number


def ports_of(network: Tree, pool: str) -> int:
    """Ports of one plane that a machine of ``pool`` has."""
    return int(network.get("pool_rails", {}).get(pool, network.get("rails", 1)))


def seat(network: Tree, row: Mapping[str, str]) -> tuple[int, int]:
    """Unit and place, from 1: machines of a pool are counted on from the pool's first place."""
    slots, pool = int(network["nodes_per_su"]), row["pool"]
    ahead = (int(network["pools"][pool]) - 1) * slots
    ahead += int(network.get("pool_places", {}).get(pool, 1)) - 1
    at = ahead + machine_number(row) - 1
    return at // slots + 1, at % slots + 1


def last_rails(files: Files, layer: str) -> list[int]:
    """The highest rail of each built unit, first unit first.

    A pool lays claim to its first unit and all above it, until another pool begins.
    """
    network: Tree = files.sheet["fabric"][layer]
    pools = {name: int(first) for name, first in network["pools"].items()}
    standing: dict[int, set[str]] = defaultdict(set)
    for row in files.machines:
        if row["pool"] in pools and machine_number(row):
            standing[seat(network, row)[0]].add(row["pool"])
    found: list[int] = []
    for unit in range(1, int(network["su"]) + 1):
        below = [first for first in pools.values() if first <= unit]
        here = {name for name, first in pools.items() if below and first == max(below)}
        rails = [ports_of(network, name) for name in here | standing[unit]]
        found.append(max(rails) if below else int(network.get("rails", 1)))
    return found
