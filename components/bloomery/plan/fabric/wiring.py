"""Which port goes where in a tree: one row a cable, lower end first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from bloomery.plan.fabric.run import Line, Runs, Spot, spot
from bloomery.plan.fabric.shape import PORT_NAMES, Leaf, Shape, Spine
from bloomery.plan.fabric.switches import Racked, stand
from bloomery.plan.model import Cable, SwitchPlan
from bloomery.site import Machine
from bloomery.site.fabric.places import manager_port, place


@cache
def port_names(ports: int, per_cage: int) -> tuple[str, ...]:
    """Names of logical ports by index; index 0 is no port. ``p07/2`` is sub-port 2 of cage 7."""
    names = [""]
    for index in range(ports):
        cage, sub = divmod(index, per_cage)
        names.append(f"p{cage + 1:02}/{sub + 1}" if per_cage > 1 else f"p{cage + 1:02}")
    return tuple(names)


class Wirer:
    """Lays the cables of one network."""

    def __init__(self, shape: Shape, racked: Racked, runs: Runs) -> None:
        self._shape = shape
        self._racked = racked
        network = shape.network
        self._name, self._speed = shape.name, network.speed_gbps
        self._node_line = runs.line(network.kind, "node", network.speed_gbps)
        self._switch_line = runs.line(network.kind, "switch", network.speed_gbps)
        self._ports = port_names(shape.tree.radix, shape.per_cage)
        self._spots = {it.name: spot(it.name, it.rack, it.unit) for it in racked.all()}

    def cables(self, machines: Sequence[Machine]) -> Iterator[Cable]:
        """All of them: machines and managers to leaves, leaves to spines, spines to cores."""
        yield from self._machines(machines)
        yield from self._managers()
        yield from self._leaf_spine()
        if self._shape.tree.tiers == 3:
            yield from self._spine_core()

    def _machines(self, machines: Sequence[Machine]) -> Iterator[Cable]:
        network = self._shape.network
        for machine in machines:
            at = place(network, machine.pool, machine.name)
            if at is None:
                continue
            end = spot(machine.name, machine.rack, machine.unit)
            for rail in range(1, network.rails + 1):
                for plane in range(1, network.planes + 1):
                    yield self._to_leaf(end, Leaf(at[0], rail, plane), at[1])

    def _managers(self) -> Iterator[Cable]:
        network = self._shape.network
        for number in range(network.reserved_ports):
            rail, plane, port = manager_port(network, self._shape.tree, number)
            rack, unit = stand(network.managers, number, 1)
            end = spot(f"{self._shape.name}-manager-{number + 1}", rack, unit)
            yield self._to_leaf(end, Leaf(1, rail, plane), port, manager=True)

    def _to_leaf(self, end: Spot, leaf: Leaf, port: int, *, manager: bool = False) -> Cable:
        shape, racked = self._shape, self._racked
        upper = racked.leaves[leaf]
        split = f"/{leaf.plane}" if shape.planes > 1 else ""
        own = "p1" if manager else f"{PORT_NAMES[shape.name]}{leaf.rail}{split}"
        pair = racked.numbers.host(upper.index, port) if racked.numbers else ("", "")
        index = 1 if manager else (leaf.rail - 1) * shape.planes + leaf.plane
        return self._cable(
            "node-leaf",
            self._node_line,
            (end, own, index),
            (upper, port),
            pair,
            dark=manager and not end.rack,
        )

    def _leaf_spine(self) -> Iterator[Cable]:
        tree, racked = self._shape.tree, self._racked
        for leaf, lower in racked.leaves.items():
            pod, su = divmod(leaf.su - 1, tree.pod_su)
            in_pod = su * tree.rails + leaf.rail - 1
            for uplink in range(tree.up):
                at, strand = divmod(uplink, tree.bundle)
                upper = racked.spines[Spine(pod + 1, at, leaf.plane)]
                port = in_pod * tree.bundle + strand + 1
                yield self._between(
                    "leaf-spine", lower, tree.down + uplink + 1, upper, port, uplink, core=False
                )

    def _spine_core(self) -> Iterator[Cable]:
        tree, racked = self._shape.tree, self._racked
        for spine, lower in racked.spines.items():
            for uplink in range(tree.spine_up):
                in_group, strand = divmod(uplink, tree.core_bundle)
                upper = racked.cores[spine.at * tree.group + in_group, spine.plane]
                port = (spine.pod - 1) * tree.core_bundle + strand + 1
                own = lower.down + uplink + 1
                yield self._between("spine-core", lower, own, upper, port, uplink, core=True)

    def _between(
        self,
        layer: str,
        lower: SwitchPlan,
        own: int,
        upper: SwitchPlan,
        port: int,
        uplink: int,
        *,
        core: bool,
    ) -> Cable:
        found = self._racked.numbers
        pair = found.link(lower.index, uplink, core=core) if found else ("", "")
        end = (self._spots[lower.name], self._ports[own], own)
        return self._cable(layer, self._switch_line, end, (upper, port), pair)

    def _cable(
        self,
        layer: str,
        line: Line,
        lower: tuple[Spot, str, int],
        upper: tuple[SwitchPlan, int],
        addresses: tuple[str, str],
        *,
        dark: bool = False,
    ) -> Cable:
        a, a_port, a_index = lower
        b, b_index = self._spots[upper[0].name], upper[1]
        b_port = self._ports[b_index]
        length, medium = line.run(a, b)
        near, far = f"{a.label} {a_port}", f"{b.label} {b_port}"
        name = self._name
        return Cable._make(
            (
                f"{name}:{a.name}:{a_port}~{b.name}:{b_port}",
                name,
                layer,
                a.name,
                a_port,
                a_index,
                b.name,
                b_port,
                b_index,
                self._speed,
                medium,
                length,
                f"{near} > {far}",
                f"{far} > {near}",
                *addresses,
                dark,
            )
        )
