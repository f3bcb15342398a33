"""Part of rule F1: every cage holds one plug, and the plug is made for such a cage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bloomery.check.rule import Finding
from bloomery.plan.model import Cable, MediumPlan, NetworkPlan, Plan

REMEDY = "one medium for all ports of a cage: fabric.media of site.yaml, or report a planner fault"


class _Cage(NamedTuple):
    device: str
    number: str
    """As printed; empty where any ports of the device may share one."""
    ports: int


class _Plug(NamedTuple):
    """What a cable plugs into one of its cages."""

    medium: str
    piece: tuple[str, ...] = ()
    """Copper: the upper cage of the piece, and its length."""
    ports: int = 0
    """Copper: ports its plug carries."""

    def __str__(self) -> str:
        if not self.piece:
            return self.medium
        return f"{self.medium} of {self.piece[2]} m from {self.piece[0]} {self.piece[1]}"


def plug_findings(plan: Plan) -> Iterator[Finding]:
    """Cages with more than one plug, and plugs for another number of ports."""
    for cage, plugs in _plugs(plan).items():
        where = f"{cage.device} {cage.number}".rstrip()
        if len(plugs) > 1:
            yield Finding(
                subject=where,
                value=" and ".join(sorted(map(str, plugs))),
                limit="one plug a cage",
                margin=str(1 - len(plugs)),
                remedy=REMEDY,
            )
        for plug in plugs:
            if plug.ports not in (0, cage.ports):
                yield Finding(
                    subject=where,
                    value=f"{plug.medium}, whose plug carries {plug.ports}",
                    limit=f"{cage.ports} ports in the cage",
                    margin=str(plug.ports - cage.ports),
                    remedy=REMEDY,
                )


def _plugs(plan: Plan) -> dict[_Cage, set[_Plug]]:
    media = {medium.key: medium for medium in plan.fabric.media}
    networks = {network.name: network for network in plan.fabric.networks}
    pools = {node.name: node.pool for node in plan.metal.nodes}
    in_cage = {switch.name: switch.per_cage for switch in plan.fabric.switches}
    found: dict[_Cage, set[_Plug]] = defaultdict(set)
    for cable in plan.fabric.cables:
        medium, network = media.get(cable.medium), networks.get(cable.network)
        if medium is None or network is None:
            continue  # told by F7, or not chosen: there are no lengths
        upper = _of_switch(cable.b_device, cable.b_port, in_cage)
        if cable.a_device in in_cage:
            lower = _of_switch(cable.a_device, cable.a_port, in_cage)
        else:
            lower = _of_machine(cable, network, pools.get(cable.a_device, ""))
        found[upper].add(_plug(cable, medium, upper, medium.upper_ports))
        found[lower].add(_plug(cable, medium, upper, medium.lower_ports))
    return found


def _plug(cable: Cable, medium: MediumPlan, upper: _Cage, ports: int) -> _Plug:
    if not medium.copper:
        return _Plug(medium.key)
    return _Plug(medium.key, (upper.device, upper.number, f"{cable.length_m:g}"), ports)


def _of_switch(device: str, port: str, in_cage: Mapping[str, int]) -> _Cage:
    """Ports out of band are beside the cages, and alone."""
    cage, _, sub = port.partition("/")
    return _Cage(device, cage, in_cage.get(device, 1) if sub else 1)


def _of_machine(cable: Cable, network: NetworkPlan, pool: str) -> _Cage:
    """A port is split over the planes; which ports share a cage differs by model."""
    if cable.network == "oob" or not pool:
        return _Cage(cable.a_device, cable.a_port, 1)
    each = network.node_per_cage.get(pool, 1)
    number = "" if each > 1 else cable.a_port.partition("/")[0]
    return _Cage(cable.a_device, number, network.planes * each)
