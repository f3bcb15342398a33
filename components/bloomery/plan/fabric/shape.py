"""Sizes of one network, and the place of every switch and machine in it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bloomery.catalogue import node_model
from bloomery.plan.fabric.plugs import later
from bloomery.site import Site
from bloomery.site.fabric.chosen import tree_of
from bloomery.site.fabric.places import manager_port, unit_rails
from bloomery.site.fabric.sheet import Network
from bloomery.site.fabric.switches import FullSwitchFigures, full_switch_figures
from bloomery.site.fabric.tree import Tree

PORT_NAMES = {"compute": "hca", "storage": "sto", "frontend": "fe"}
"""Network -> how the ports of a machine in it are called, before their number."""


@dataclass(frozen=True)
class Leaf:
    """One leaf by its place, all counted from 1."""

    su: int
    rail: int
    """The first one where rails share it."""
    plane: int


@dataclass(frozen=True)
class Spine:
    """One spine by its place; ``at`` counts within its pod, from 0."""

    pod: int
    at: int
    plane: int


@dataclass(frozen=True)
class Shape:
    """One network with its tree and its switch model."""

    name: str
    network: Network
    tree: Tree
    figures: FullSwitchFigures
    per_cage: int
    """Logical ports in one cage at link speed."""
    node_per_cage: Mapping[str, int]
    """Pool -> ports of one plane in a cage of its machines, where there are several."""
    unit_rails: Mapping[int, int]
    """Unit -> rails it is built with."""

    @property
    def planes(self) -> int:
        """Trees side by side."""
        return self.network.planes

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf of the units that are built."""
        for su in range(1, self.network.su + 1):
            yield from self._unit(su, range(self.unit_leaves(su)))

    def unit_leaves(self, su: int) -> int:
        """Leaves of one plane that are built in a unit: of rails that machines of it have, and
        of those whose leaves managers are on."""
        managed = min(self.network.reserved_ports, self.tree.unit_leaves) if su == 1 else 0
        return max(math.ceil(self.unit_rails[su] / self.tree.rails_per_leaf), managed)

    def _unit(self, su: int, leaves: range) -> Iterator[Leaf]:
        for leaf in leaves:
            for plane in range(1, self.planes + 1):
                yield Leaf(su, leaf * self.tree.rails_per_leaf + 1, plane)

    def spines(self) -> Iterator[Spine]:
        """Every spine of the pods that units stand in."""
        for pod in range(1, self.tree.pods(self.network.su) + 1):
            for at in range(self.tree.pod_spines):
                for plane in range(1, self.planes + 1):
                    yield Spine(pod, at, plane)

    def later_leaves(self) -> Iterator[Leaf]:
        """Leaves not yet built that will share cages with those that are."""
        network, tree = self.network, self.tree
        for su in range(1, network.su + 1):
            yield from self._unit(su, range(self.unit_leaves(su), tree.unit_leaves))
        each = tree.unit_leaves * tree.bundle
        in_pod = network.su % tree.pod_su
        last = min(network.target, network.su - in_pod + tree.pod_su)
        for su in later(network.su + 1, last, in_pod * each, each, self.per_cage):
            yield from self._unit(su, range(tree.unit_leaves))

    def later_spines(self) -> Iterator[Spine]:
        """Spines of pods not yet built that will share cages of cores with those that are."""
        tree, pods = self.tree, self.tree.pods(self.network.su)
        each = tree.core_bundle
        for pod in later(pods + 1, tree.pods_max, pods * each, each, self.per_cage):
            for at in range(tree.pod_spines):
                for plane in range(1, self.planes + 1):
                    yield Spine(pod, at, plane)

    def leaf_number(self, leaf: Leaf) -> int:
        """Place of a leaf among those of its plane, from 0."""
        return (leaf.su - 1) * self.tree.unit_leaves + (leaf.rail - 1) // self.tree.rails_per_leaf

    def leaf_index(self, leaf: Leaf) -> int:
        """Place of a leaf among all, from 0: a stride of unit, rail and plane."""
        return self.leaf_number(leaf) * self.planes + leaf.plane - 1

    def spine_index(self, spine: Spine) -> int:
        """Place of a spine among all, from 0: a stride of pod, place and plane."""
        number = (spine.pod - 1) * self.tree.pod_spines + spine.at
        return number * self.planes + spine.plane - 1

    def core_index(self, core: int, plane: int) -> int:
        """Place of a core among all, from 0."""
        return core * self.planes + plane - 1

    def pod(self, su: int) -> int:
        """Pod of a unit, from 1; 0 in two tiers."""
        return 0 if self.tree.tiers < 3 else (su - 1) // self.tree.pod_su + 1

    @cached_property
    def reserved(self) -> dict[tuple[int, int], tuple[int, ...]]:
        """(First rail, plane) of a leaf of unit 1 -> logical ports its fabric's managers take."""
        taken: dict[tuple[int, int], tuple[int, ...]] = {}
        for number in range(self.network.reserved_ports):
            rail, plane, port = manager_port(self.network, self.tree, number)
            taken[rail, plane] = (*taken.get((rail, plane), ()), port)
        return taken


def shapes(site: Site) -> Iterator[Shape]:
    """Every tree of ``site``."""
    sheet = site.fabric
    for name, network in sheet.trees() if sheet else ():
        figures = full_switch_figures(sheet, network.switch) if sheet else None
        assert figures is not None  # noqa: S101 - for the type checker: there is a sheet here
        per_cage = figures.per_cage[network.speed_gbps]
        made = tree_of(network, figures.cages * per_cage)
        node_per_cage = _node_per_cage(site, network) if name == "compute" else {}
        built = unit_rails(network, site.machines)
        yield Shape(name, network, made, figures, per_cage, node_per_cage, built)


def _node_per_cage(site: Site, network: Network) -> dict[str, int]:
    """Pools of the network whose machines have several ports of it in one cage."""
    models = {pool.name: node_model(pool.model) for pool in site.pools}
    found = {name: models[name].compute_per_cage for name in sorted(network.pools)}
    return {name: int(it.value) for name, it in found.items() if it and it.value > 1}
