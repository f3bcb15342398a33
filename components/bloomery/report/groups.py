"""Devices put together so that a fabric of any size can be drawn: blocks, and bundles.

A block is what stands at the same place of a tree: the machines of one scalable unit, its
leaves, the spines of a pod, the cores. A bundle is all cables between two blocks. 49,152
cables of 64 units become some 140 bundles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bloomery.plan.model import Cable, Plan, SwitchPlan

EACH = 24
"""Switches of a network up to which every one is a block by itself."""

MACHINES = "machines"
"""Tier of everything that is no switch of the network itself."""

PLURALS = {"leaf": "leaves", "spine": "spines", "core": "cores", "oob": "switches"}
"""Tier of switches -> what several are called."""


class Place(NamedTuple):
    """Where a block stands; blocks sort by it."""

    network: str
    tier: str
    """``machines``, or the tier of the switches."""
    pod: int
    """Counted from 1; 0 outside pods."""
    su: int
    """Counted from 1; 0 above the leaves."""
    device: str = ""
    """The one switch it is, in a network small enough to show each."""

    @property
    def key(self) -> str:
        """A name without spaces, for anchors and other tools."""
        if self.device:
            return self.device
        parts = [self.network, self.tier]
        parts += [f"pod{self.pod}"] if self.pod else []
        parts += [f"su{self.su}"] if self.su else []
        return "-".join(parts)


@dataclass(frozen=True)
class Block:
    """Devices at one place of a tree."""

    place: Place
    devices: tuple[str, ...]
    model: str
    """Key of the model; empty where there are several."""
    words: str
    """What they are: ``8 leaves``; ``32+4 machines`` where 4 are something else."""


@dataclass(frozen=True)
class Bundle:
    """All cables between two blocks."""

    low: Place
    high: Place
    cables: int
    dark: int
    speed_gbps: float
    """Speed of one cable, Gb/s: the lowest where they differ."""
    length_m: float
    """Length of the longest, m; 0 where no length is planned."""


@dataclass(frozen=True)
class Grouping:
    """One network as blocks and bundles, each in the order of their places."""

    network: str
    blocks: tuple[Block, ...]
    bundles: tuple[Bundle, ...]
    each: bool
    """Whether every switch is a block by itself."""

    def tier(self, tier: str) -> tuple[Block, ...]:
        """The blocks of one tier."""
        return tuple(block for block in self.blocks if block.place.tier == tier)


def groupings(plan: Plan) -> tuple[Grouping, ...]:
    """Every network of the plan, in the plan's order."""
    switches = {switch.name: switch for switch in plan.fabric.switches}
    cables: dict[str, list[Cable]] = defaultdict(list)
    for cable in plan.fabric.cables:
        cables[cable.network].append(cable)
    names = dict.fromkeys((*(n.name for n in plan.fabric.networks), *cables))
    models = {node.name: (node.model, "node") for node in plan.metal.nodes}
    models |= {switch.name: (switch.model, "switch") for switch in plan.fabric.switches}
    return tuple(_grouping(name, cables[name], switches, models) for name in names)


def _grouping(
    network: str,
    cables: list[Cable],
    switches: dict[str, SwitchPlan],
    models: dict[str, tuple[str, str]],
) -> Grouping:
    mine = [switch for switch in switches.values() if switch.network == network]
    each = len(mine) <= EACH
    where = {s.name: Place(network, s.tier, s.pod, s.su, s.name if each else "") for s in mine}
    for cable in cables:
        for device, peer in ((cable.a_device, cable.b_device), (cable.b_device, cable.a_device)):
            if device not in where:
                where[device] = _beside(network, switches.get(peer))
    members: dict[Place, list[str]] = defaultdict(list)
    for device, place in where.items():
        members[place].append(device)
    blocks = tuple(_block(p, tuple(d), models) for p, d in sorted(members.items()))
    return Grouping(network, blocks, tuple(_bundles(cables, where)), each)


def _block(place: Place, devices: tuple[str, ...], models: dict[str, tuple[str, str]]) -> Block:
    found = [models.get(device, ("", "")) for device in devices]
    keys = {model for model, _ in found}
    words = f"{len(devices):,} {PLURALS.get(place.tier, place.tier)}"
    if place.tier == MACHINES:
        words = _machines(sum(kind == "node" for _, kind in found), len(devices))
    return Block(place, devices, keys.pop() if len(keys) == 1 else "", words)


def _machines(nodes: int, devices: int) -> str:
    """Beside machines there may be managers of the fabric, and switches of other networks."""
    if nodes == devices:
        return f"{nodes:,} machines"
    return f"{nodes:,}+{devices - nodes:,} machines" if nodes else f"{devices:,} devices"


def _beside(network: str, peer: SwitchPlan | None) -> Place:
    """A machine belongs to the unit of the switch it is cabled to first."""
    if peer is None:
        return Place(network, MACHINES, 0, 0)
    return Place(network, MACHINES, peer.pod, peer.su)


def _bundles(cables: list[Cable], where: dict[str, Place]) -> Iterator[Bundle]:
    between: dict[tuple[Place, Place], list[Cable]] = defaultdict(list)
    for cable in cables:
        between[where[cable.a_device], where[cable.b_device]].append(cable)
    for (low, high), members in sorted(between.items()):
        yield Bundle(
            low,
            high,
            len(members),
            sum(cable.dark for cable in members),
            min(cable.speed_gbps for cable in members),
            max(cable.length_m for cable in members),
        )
