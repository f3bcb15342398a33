"""What is bought to join ports: copper by the piece, otherwise transceivers by the cage and fibres.

A piece of copper is what one cage of the upper switch holds. A transceiver serves all ports of
its cage, at a switch and at a machine; a dark cable has none at its lower end yet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from bloomery.plan.model import MediumPlan, NetworkPlan, Plan
from bloomery.report.files.sheet import number
from bloomery.report.pieces import cage, piece

Row = tuple[str, str, str, str, int, str]
"""One thing to buy: noun, kind, item, description, quantity, unit."""


class _Item(NamedTuple):
    """What is bought, in the order it is listed."""

    medium: str
    speed_gbps: float
    what: str
    """``cable``, ``fibre``, ``transceiver of a machine`` or ``transceiver of a switch``."""
    ports: int = 0
    """Of a transceiver."""
    length_m: float = 0.0
    """Of a cable or fibre; 0: not planned."""


def cable_rows(plan: Plan) -> Iterator[Row]:
    """One row an item."""
    media = {medium.key: medium for medium in plan.fabric.media}
    pieces: dict[_Item, set[object]] = defaultdict(set)
    for cable in plan.fabric.cables:
        medium = media.get(cable.medium)
        optics = medium is not None and not medium.copper
        item = _Item(cable.medium, cable.speed_gbps, "fibre" if optics else "cable")
        pieces[item._replace(length_m=cable.length_m)].add(piece(cable, medium))
    counts = Counter({item: len(found) for item, found in pieces.items()})
    counts.update(_transceivers(plan, media))
    for item, count in sorted(counts.items()):
        yield _row(item, count, media.get(item.medium))


def _transceivers(plan: Plan, media: dict[str, MediumPlan]) -> Counter[_Item]:
    """Switches have one a cage. Machines have as few as their ports take: which of them share a
    cage differs by model."""
    in_cage = {switch.name: switch.per_cage for switch in plan.fabric.switches}
    pools = {node.name: node.pool for node in plan.metal.nodes}
    networks = {network.name: network for network in plan.fabric.networks}
    cages: dict[_Item, set[tuple[str, str]]] = defaultdict(set)
    ports: Counter[tuple[_Item, str, str]] = Counter()
    for cable in plan.fabric.cables:
        medium = media.get(cable.medium)
        if medium is None or medium.copper:
            continue
        item = _Item(cable.medium, cable.speed_gbps, "transceiver of a switch")
        for device, port in ((cable.a_device, cable.a_port), (cable.b_device, cable.b_port)):
            if device in in_cage:
                # Ports for management are beside the cages.
                holds = in_cage[device] if "/" in port else 1
                cages[item._replace(ports=holds)].add((device, cage(port)))
            elif not cable.dark:
                each = _ports(networks[cable.network], pools.get(device, ""))
                item_here = item._replace(what="transceiver of a machine", ports=each)
                ports[item_here, cable.network, device] += 1
    counts = Counter({item: len(found) for item, found in cages.items()})
    for (item, _, _), count in ports.items():
        counts[item] += -(-count // item.ports)
    return counts


def _ports(network: NetworkPlan, pool: str) -> int:
    """Ports in one cage of a machine; managers of a fabric are of no pool and have one."""
    return network.planes * network.node_per_cage.get(pool, 1) if pool else 1


def _row(item: _Item, count: int, medium: MediumPlan | None) -> Row:
    title = medium.title if medium else item.medium or "medium not planned"
    name, what = item.medium or "unplanned", item.what
    if item.ports:
        many = f"{item.ports} ports" if item.ports > 1 else "1 port"
        end = what.rpartition(" ")[2]
        words = f"{title}: {what}, {many} of {number(item.speed_gbps)} Gb/s"
        return "fabric", "transceiver", f"{name}-{end}-{item.ports}p", words, count, "piece"
    long = f"{number(item.length_m)} m" if item.length_m else "length not planned"
    words = f"{title}{': fibre' if what == 'fibre' else ''}, {number(item.speed_gbps)} Gb/s a port"
    key = f"{name}-fibre" if what == "fibre" else name
    key = f"{key}-{number(item.length_m)}m" if item.length_m else key
    return "fabric", what, key, f"{words}, {long}", count, "piece"
