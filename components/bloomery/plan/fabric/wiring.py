"""Which port goes where in a tree: one row a cable, lower end first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from bloomery.catalogue import CableEnd
from bloomery.plan.fabric.plugs import Link, Plug, lay
from bloomery.plan.fabric.run import Runs, Spot, spot
from bloomery.plan.fabric.shape import PORT_NAMES, Leaf, Shape, Spine
from bloomery.plan.fabric.switches import Racked, stand
from bloomery.plan.model import Cable
from bloomery.site import Machine
from bloomery.site.fabric.places import first_rail, leaf_port, manager_port, place


@cache
def port_names(ports: int, per_cage: int) -> tuple[str, ...]:
    """Names of logical ports by index; index 0 is no port. ``p07/2`` is sub-port 2 of cage 7."""
    names = [""]
    for index in range(ports):
        cage, sub = divmod(index, per_cage)
        names.append(f"p{cage + 1:02}/{sub + 1}" if per_cage > 1 else f"p{cage + 1:02}")
    return tuple(names)


class _End(NamedTuple):
    """One end of a cable."""

    spot: Spot
    port: str
    number: int
    """Logical port, counted from 1."""
    plug: Plug


class _Row(NamedTuple):
    """A cable before its length and medium are known."""

    layer: str
    a: _End
    b: _End
    addresses: tuple[str, str] = ("", "")
    dark: bool = False
    built: bool = True
    """Not, where its lower end is a switch of a later unit that will share a cage."""


class Wirer:
    """Lays the cables of one network."""

    def __init__(self, shape: Shape, racked: Racked, runs: Runs) -> None:
        self._shape, self._racked, self._runs = shape, racked, runs
        self._ports = port_names(shape.tree.radix, shape.per_cage)
        self._spots = {it.name: spot(it.name, it.rack, it.unit) for it in racked.all()}

    def cables(self, machines: Sequence[Machine]) -> Iterator[Cable]:
        """All of them, from machines and managers up."""
        rows = [*self._machines(machines), *self._managers()]
        rows.extend(self._pairs() if self._shape.tree.tiers == 1 else self._leaf_spine())
        if self._shape.tree.tiers == 3:
            rows.extend(self._spine_core())
        network = self._shape.network
        links = [_link(row) for row in rows]
        laid = lay(self._runs, network.kind, network.speed_gbps, links)
        for row, run in zip(rows, laid, strict=True):
            if row.built:
                yield self._cable(row, *run)

    def _machines(self, machines: Sequence[Machine]) -> Iterator[_Row]:
        network = self._shape.network
        for machine in machines:
            at = place(network, machine)
            if at is None:
                continue
            end = spot(machine.name, machine.rack, machine.unit)
            in_cage = self._shape.node_per_cage.get(machine.pool, 1)
            for rail in range(1, network.rails_of(machine.pool) + 1):
                for plane in range(1, network.planes + 1):
                    lower = self._of_machine(end, in_cage, rail, plane)
                    leaf = Leaf(at[0], first_rail(self._shape.tree, rail), plane)
                    port = leaf_port(self._shape.tree, at[1], rail)
                    yield self._to_leaf(lower, leaf, port)

    def _of_machine(self, end: Spot, in_cage: int, rail: int, plane: int) -> _End:
        planes = self._shape.planes
        split = f"/{plane}" if planes > 1 else ""
        own = f"{PORT_NAMES[self._shape.name]}{rail}{split}"
        # Which ports share a cage differs by model: where any do, all take one kind of plug.
        cage = rail if in_cage == 1 else 1
        index = (rail - 1) * planes + plane
        return _End(end, own, index, Plug((end.name, cage), planes * in_cage))

    def _managers(self) -> Iterator[_Row]:
        network = self._shape.network
        for number in range(network.reserved_ports):
            rail, plane, port = manager_port(network, self._shape.tree, number)
            rack, unit = stand(network.managers, number, 1)
            end = spot(f"{self._shape.name}-manager-{number + 1}", rack, unit)
            lower = _End(end, "p1", 1, Plug((end.name, 1), 1))
            row = self._to_leaf(lower, Leaf(1, rail, plane), port)
            yield row._replace(dark=not end.rack)

    def _to_leaf(self, lower: _End, leaf: Leaf, port: int) -> _Row:
        upper, found = self._racked.leaves[leaf], self._racked.numbers
        pair = found.host(upper.index, port) if found else ("", "")
        return _Row("node-leaf", lower, self._port(self._spots[upper.name], port), pair)

    def _pairs(self) -> Iterator[_Row]:
        """Between the two leaves of a plane, each port to the same port of the other."""
        tree, racked = self._shape.tree, self._racked
        leaves = sorted(racked.leaves.items(), key=lambda item: item[1].index)
        for plane in range(1, self._shape.planes + 1):
            both = [it for leaf, it in leaves if leaf.plane == plane]
            if len(both) < 2:
                continue
            one, other = (self._spots[it.name] for it in both)
            for uplink in range(tree.up):
                port = tree.down + uplink + 1
                found = racked.numbers
                pair = found.link(both[0].index, uplink, core=False) if found else ("", "")
                yield _Row("leaf-leaf", self._port(one, port), self._port(other, port), pair)

    def _leaf_spine(self) -> Iterator[_Row]:
        for leaf, lower in self._racked.leaves.items():
            end = self._spots[lower.name]
            yield from self._uplinks(leaf, end, lower.index, built=True)
        for leaf in self._shape.later_leaves():
            end = self._later("leaf", self._shape.leaf_index(leaf))
            yield from self._uplinks(leaf, end, 0, built=False)

    def _uplinks(self, leaf: Leaf, end: Spot, number: int, *, built: bool) -> Iterator[_Row]:
        tree, racked = self._shape.tree, self._racked
        pod, su = divmod(leaf.su - 1, tree.pod_su)
        in_pod = su * tree.unit_leaves + (leaf.rail - 1) // tree.rails_per_leaf
        for uplink in range(tree.up):
            at, strand = divmod(uplink, tree.bundle)
            upper = self._spots[racked.spines[Spine(pod + 1, at, leaf.plane)].name]
            yield _Row(
                "leaf-spine",
                self._port(end, tree.down + uplink + 1),
                self._port(upper, in_pod * tree.bundle + strand + 1),
                racked.numbers.link(number, uplink, core=False) if racked.numbers else ("", ""),
                built=built,
            )

    def _spine_core(self) -> Iterator[_Row]:
        for spine, lower in self._racked.spines.items():
            end = self._spots[lower.name]
            yield from self._trunks(spine, end, lower.index, built=True)
        for spine in self._shape.later_spines():
            end = self._later("spine", self._shape.spine_index(spine))
            yield from self._trunks(spine, end, 0, built=False)

    def _trunks(self, spine: Spine, end: Spot, number: int, *, built: bool) -> Iterator[_Row]:
        tree, racked = self._shape.tree, self._racked
        down = tree.radix - tree.spine_up
        for uplink in range(tree.spine_up):
            in_group, strand = divmod(uplink, tree.core_bundle)
            upper = racked.cores[spine.at * tree.group + in_group, spine.plane]
            yield _Row(
                "spine-core",
                self._port(end, down + uplink + 1),
                self._port(
                    self._spots[upper.name], (spine.pod - 1) * tree.core_bundle + strand + 1
                ),
                racked.numbers.link(number, uplink, core=True) if racked.numbers else ("", ""),
                built=built,
            )

    def _later(self, tier: str, index: int) -> Spot:
        """Where a switch will stand that is not built."""
        network = self._shape.network
        tiers = {"leaf": network.leaves, "spine": network.spines}
        return spot(
            f"later {tier} {index}", *stand(tiers[tier], index, self._shape.figures.height_u)
        )

    def _port(self, end: Spot, index: int) -> _End:
        """A port of a switch."""
        per_cage = self._shape.per_cage
        plug = Plug((end.name, (index - 1) // per_cage + 1), per_cage)
        return _End(end, self._ports[index], index, plug)

    def _cable(self, row: _Row, length: float, medium: str) -> Cable:
        (a, a_port, a_index, _), (b, b_port, b_index, _) = row.a, row.b
        near, far = f"{a.label} {a_port}", f"{b.label} {b_port}"
        name = self._shape.name
        return Cable._make(
            (
                f"{name}:{a.name}:{a_port}~{b.name}:{b_port}",
                name,
                row.layer,
                a.name,
                a_port,
                a_index,
                b.name,
                b_port,
                b_index,
                self._shape.network.speed_gbps,
                medium,
                length,
                f"{near} > {far}",
                f"{far} > {near}",
                *row.addresses,
                row.dark,
            )
        )


def _link(row: _Row) -> Link:
    end: CableEnd = "node" if row.layer == "node-leaf" else "switch"
    return Link(end, row.a.spot, row.a.plug, row.b.spot, row.b.plug)
