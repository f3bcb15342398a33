"""Part of rule F1: every cage holds one plug, and the plug is made for such a cage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from bloomery.check.rule import Finding
from bloomery.plan.model import Cable, NetworkPlan, Plan

REMEDY = "one medium for all ports of a cage: fabric.media of site.yaml, or report a planner fault"


_Cage = tuple[str, str, int]
"""Device; number as printed, empty where any ports of the device may share one; its ports. A plain
tuple, since a large site has a hundred thousand."""


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
    for (device, number, ports), plugs in _plugs(plan).items():
        where = f"{device} {number}".rstrip()
        if len(plugs) > 1:
            yield Finding(
                subject=where,
                value=" and ".join(sorted(map(str, plugs))),
                limit="one plug a cage",
                margin=str(1 - len(plugs)),
                remedy=REMEDY,
            )
        for plug in plugs:
            if plug.ports not in (0, ports):
                yield Finding(
                    subject=where,
                    value=f"{plug.medium}, whose plug carries {plug.ports}",
                    limit=f"{ports} ports in the cage",
                    margin=str(plug.ports - ports),
                    remedy=REMEDY,
                )


def _plugs(plan: Plan) -> dict[_Cage, list[_Plug]]:
    """What is in each cage: one thing, or there is something wrong."""
    media = {medium.key: (medium, _Plug(medium.key)) for medium in plan.fabric.media}
    networks = {network.name: network for network in plan.fabric.networks}
    pools = {node.name: node.pool for node in plan.metal.nodes}
    in_cage = {switch.name: switch.per_cage for switch in plan.fabric.switches}
    found: dict[_Cage, list[_Plug]] = defaultdict(list)
    for cable in plan.fabric.cables:
        network = networks.get(cable.network)
        if cable.medium not in media or network is None:
            continue  # told by F7, or not chosen: there are no lengths
        upper = _of_switch(cable.b_device, cable.b_port, in_cage)
        if cable.a_device in in_cage:
            lower = _of_switch(cable.a_device, cable.a_port, in_cage)
        else:
            lower = _of_machine(cable, network, pools.get(cable.a_device, ""))
        medium, transceiver = media[cable.medium]
        for cage, ports in ((upper, medium.upper_ports), (lower, medium.lower_ports)):
            plug = _of_copper(cable, upper, ports) if medium.copper else transceiver
            held = found[cage]
            if plug not in held:
                held.append(plug)
    return found


def _of_copper(cable: Cable, upper: _Cage, ports: int) -> _Plug:
    return _Plug(cable.medium, (upper[0], upper[1], f"{cable.length_m:g}"), ports)


def _of_switch(device: str, port: str, in_cage: Mapping[str, int]) -> _Cage:
    """Ports out of band are beside the cages, and alone."""
    cage, shared = _cage_of(port)
    return device, cage, in_cage.get(device, 1) if shared else 1


@cache
def _cage_of(port: str) -> tuple[str, bool]:
    """Cage of a port as printed, and whether it has a number in it. Switches share their names."""
    cage, _, sub = port.partition("/")
    return cage, bool(sub)


def _of_machine(cable: Cable, network: NetworkPlan, pool: str) -> _Cage:
    """A port is split over the planes; which ports share a cage differs by model."""
    if cable.network == "oob" or not pool:
        return cable.a_device, cable.a_port, 1
    each = network.node_per_cage.get(pool, 1)
    number = "" if each > 1 else cable.a_port.partition("/")[0]
    return cable.a_device, number, network.planes * each
