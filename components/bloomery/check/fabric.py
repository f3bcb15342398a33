"""Rules F1, F2, F3, F7, F13 and F14: every cable goes where a cable can go."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from bloomery.check.cages import plug_findings
from bloomery.check.fabric_rails import rails_of
from bloomery.check.preconditions import DISTANCES, FABRIC
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import Cable, MediumPlan, NetworkPlan, Plan

TREE = ("leaf-leaf", "leaf-spine", "spine-core")
"""Layers whose bundles must be equal."""

RA = "NVIDIA DGX SuperPOD reference architectures, network fabrics"


def _port_twice(plan: Plan) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for cable in plan.fabric.cables:
        for end in ((cable.a_device, cable.a_port), (cable.b_device, cable.b_port)):
            first = seen.setdefault(end, cable.id)
            if first is not cable.id:
                yield Finding(
                    subject=f"{end[0]} {end[1]}",
                    value=f"{first} and {cable.id}",
                    limit="one cable a port",
                    margin="-1",
                    remedy="out of band: fewer racks per switch, or fewer units per port; "
                    "otherwise report a planner fault",
                )


def _taken_twice(plan: Plan) -> Iterator[Finding]:
    yield from _port_twice(plan)
    yield from plug_findings(plan)


def _port_beyond(plan: Plan) -> Iterator[Finding]:
    switches = {switch.name: switch for switch in plan.fabric.switches}
    for cable in plan.fabric.cables:
        ends = (
            (cable.a_device, cable.a_index, cable.a_port),
            (cable.b_device, cable.b_index, cable.b_port),
        )
        for device, index, port in ends:
            switch = switches.get(device)
            if switch is None or port == "mgmt":
                continue
            access = switch.tier == "oob" and port == f"p{index:02}"
            named = access or port == _port_name(index, switch.per_cage)
            if not (named and 1 <= index <= switch.ports):
                yield Finding(
                    subject=f"{device} {port}",
                    value=f"logical port {index}",
                    limit=f"1 to {switch.ports}, {switch.per_cage} in a cage",
                    margin=str(switch.ports - index),
                    remedy="a switch with more ports, or fewer machines and units",
                )


@cache
def _port_name(index: int, per_cage: int) -> str:
    cage, sub = divmod(index - 1, per_cage)
    return f"p{cage + 1:02}" + (f"/{sub + 1}" if per_cage > 1 else "")


def _bundles(plan: Plan) -> Iterator[Finding]:
    strands: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for cable in plan.fabric.cables:
        if cable.layer in TREE and cable.network != "oob":
            strands[cable.network, cable.layer][cable.a_device, cable.b_device] += 1
    for (network, layer), pairs in strands.items():
        usual = Counter(pairs.values()).most_common(1)[0][0]
        for (lower, upper), count in pairs.items():
            if count != usual:
                yield Finding(
                    subject=f"{lower}, {upper}",
                    value=f"{count} {layer} cables",
                    limit=f"{usual}, as for every other pair in {network}",
                    margin=str(count - usual),
                    remedy="unequal bundles unbalance the paths; report a planner fault",
                )
        reach = Counter(lower for lower, _ in pairs)
        wide = Counter(reach.values()).most_common(1)[0][0]
        for lower, count in reach.items():
            if count != wide:
                yield Finding(
                    subject=lower,
                    value=f"connects to {count} switches above",
                    limit=str(wide),
                    margin=str(count - wide),
                    remedy="every switch of a tier connects to the same number;"
                    " report a planner fault",
                )


class _Misfit(NamedTuple):
    """One way in which cables are wrong: what they are, and what their medium gives."""

    network: str
    layer: str
    value: str
    limit: str
    reach_m: float = 0.0
    """Where the medium is right and too short, m."""


def _reach(plan: Plan) -> Iterator[Finding]:
    """Cables that are wrong in one way are one finding: one choice of the site mends them."""
    media = {medium.key: medium for medium in plan.fabric.media}
    kinds = {network.name: network.kind for network in plan.fabric.networks}
    alike: dict[_Misfit, list[Cable]] = defaultdict(list)
    for cable in plan.fabric.cables:
        wrong = _misfit(cable, media.get(cable.medium), kinds.get(cable.network, ""))
        if wrong is not None:
            alike[wrong].append(cable)
    for wrong, cables in alike.items():
        longest = max(cables, key=lambda cable: cable.length_m)
        others = len(cables) - 1
        yield Finding(
            subject=longest.id + (f" and {others} more of {wrong.network}" if others else ""),
            value=f"{longest.length_m:g} m{' at most' if others else ''}, {wrong.value}",
            limit=wrong.limit,
            margin=f"{wrong.reach_m - longest.length_m:g} m" if wrong.reach_m else "",
            remedy="move the racks together, or add a medium with enough reach to fabric.media",
        )


def _misfit(cable: Cable, medium: MediumPlan | None, kind: str) -> _Misfit | None:
    """What is wrong with a cable that has a length, if anything is."""
    if not cable.length_m:
        return None
    end = "node" if cable.layer in ("node-leaf", "oob") else "switch"
    fits = (
        medium is not None
        and cable.speed_gbps in medium.speeds_gbps
        and kind in medium.kinds
        and end in medium.ends
    )
    if fits and medium is not None and cable.length_m <= medium.reach_m:
        return None
    place, speed = (cable.network, cable.layer), f"{cable.speed_gbps:g} Gb/s"
    if medium is None:
        return _Misfit(*place, "of no medium", f"a medium for {speed}")
    if fits:
        return _Misfit(*place, f"of {medium.key}", f"{medium.reach_m:g} m", medium.reach_m)
    carries = f"{medium.key} carries {medium.speeds_gbps} from {medium.ends}"
    return _Misfit(*place, f"{medium.key} at {speed} from a {end}", carries)


def _own_rail(plan: Plan) -> Iterator[Finding]:
    """Machines on the rail of their port, at one place of every leaf, off reserved ports."""
    switches = {switch.name: switch for switch in plan.fabric.switches}
    trees = {network.name: network for network in plan.fabric.networks if network.name != "oob"}
    nodes = {node.name: node.pool for node in plan.metal.nodes}
    places: dict[tuple[str, str], tuple[int, int]] = {}
    for cable in plan.fabric.cables:
        leaf, network = switches.get(cable.b_device), trees.get(cable.network)
        if cable.layer != "node-leaf" or leaf is None or network is None:
            continue
        wrong = ""
        if cable.a_device in nodes:
            rail, shared = _rail(cable.a_port), network.rails_per_leaf
            last = leaf.rail + shared - 1
            slot, within = divmod(cable.b_index - 1, shared)
            at = (leaf.su, slot + 1)
            first = places.setdefault((cable.network, cable.a_device), at)
            if not leaf.rail <= rail <= last:
                mine = f"{leaf.rail}" if shared == 1 else f"{leaf.rail} to {last}"
                wrong = f"port of rail {rail} on a leaf of rail {mine}"
            elif rail > rails_of(network, nodes[cable.a_device]):
                wrong = f"port of rail {rail}, of {rails_of(network, nodes[cable.a_device])} rails"
            elif first != at:
                wrong = f"unit {at[0]} port {at[1]}, elsewhere unit {first[0]} port {first[1]}"
            elif within != rail - leaf.rail:
                wrong = f"port of rail {rail} on port {within + 1} of {shared} of its place"
            elif cable.b_index in leaf.reserved:
                wrong = f"port {cable.b_index} is reserved"
            elif at[1] > network.nodes_per_su:
                wrong = f"port {at[1]} of {network.nodes_per_su} places"
        elif cable.b_index not in leaf.reserved:
            wrong = f"a manager on port {cable.b_index}, which is not reserved"
        if wrong:
            yield Finding(
                subject=cable.id,
                value=wrong,
                limit="port r of machine n on leaf r, port n",
                remedy="the number in the machine's name is its place; correct machines.csv",
            )


@cache
def _rail(port: str) -> int:
    """Rail in the name of a machine's port; machines share their names."""
    found = re.match(r"[a-z]+(\d+)", port)
    return int(found.group(1)) if found else 0


def _unjoined(plan: Plan) -> Iterator[Finding]:
    joined = Counter((cable.network, cable.a_device) for cable in plan.fabric.cables)
    for network in plan.fabric.networks:
        wanted = _ports_out_of_band(plan) if network.name == "oob" else _ports(plan, network)
        for device, ports in wanted.items():
            count = joined[network.name, device]
            if count != ports:
                yield Finding(
                    subject=device,
                    value=f"{count} cables in {network.name}",
                    limit=str(ports),
                    margin=str(count - ports),
                    remedy="out of band: put its rack into a group, and its unit within reach of "
                    "a port; otherwise assign it a free number",
                )


def _ports(plan: Plan, network: NetworkPlan) -> dict[str, int]:
    """Machine -> cables it must have in ``network``."""
    return {
        node.name: rails_of(network, node.pool) * network.planes
        for node in plan.metal.nodes
        if node.pool in network.pools
    }


def _ports_out_of_band(plan: Plan) -> dict[str, int]:
    devices = [node.name for node in plan.metal.nodes]
    devices += [it.name for it in plan.fabric.switches if it.network != "oob"]
    devices += [part.name for part in plan.metal.parts]
    return dict.fromkeys(devices, 1)


RULES = (
    Rule(
        "F1",
        "One cable per port, one plug per cage",
        "a port has one connector, a cage takes one plug",
        _taken_twice,
        (FABRIC,),
    ),
    Rule(
        "F2",
        "Every port exists on its switch",
        "cages and ports of the catalogue",
        _port_beyond,
        (FABRIC,),
    ),
    Rule(
        "F3",
        "Link bundles between two tiers are of equal size",
        f"{RA}: equal links per pair",
        _bundles,
        (FABRIC,),
    ),
    Rule(
        "F7",
        "No cable exceeds the reach of its medium",
        "reach of the catalogue",
        _reach,
        (FABRIC, DISTANCES),
    ),
    Rule(
        "F13",
        "Every machine port is on the leaf of its rail, at its assigned port",
        f"{RA}: rail-optimised leaves",
        _own_rail,
        (FABRIC,),
    ),
    Rule(
        "F14",
        "Every machine is connected to its networks",
        "fabric of site.yaml",
        _unjoined,
        (FABRIC,),
    ),
)
