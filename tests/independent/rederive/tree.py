"""Sizes of a rail-optimised fat tree from five numbers, in whole numbers and fractions.

Rules: NVIDIA DGX SuperPOD reference architectures, network fabrics. Bundles between two
switches are equal, so the number of spines divides the uplinks of a leaf.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from rederive.reading import Tree, exact, figure

PORT_PREFIX = {"compute": "hca", "storage": "sto", "frontend": "fe"}


def per_cage(own: Tree, model: Tree, speed: float) -> int:
    """Logical ports of ``speed`` in one cage."""
    written = {float(key): int(value) for key, value in own.get("per_cage", {}).items()}
    modes = {
        float(figure(it, "speed_gbps")): int(figure(it, "per_cage"))
        for it in model.get("modes", ())
    }
    return {**modes, **written}[speed]


def cages(own: Tree, model: Tree) -> int:
    return int(own.get("cages", figure(model, "cages")))


@dataclass(frozen=True)
class Sizes:
    """One plane of one network."""

    radix: int
    down: int
    up: int
    rails: int
    planes: int
    units: int
    target: int
    slots: int
    tiers: int
    pod_units: int
    pod_spines: int
    cores: int

    @classmethod
    def of(cls, network: Tree, radix: int) -> Sizes:
        over = exact(network.get("oversubscription", "1"))
        rails, slots = int(network.get("rails", 1)), int(network["nodes_per_su"])
        units, planes = int(network.get("su", 1)), int(network.get("planes", 1))
        target = int(network.get("su_max", units))
        leaves = target * rails
        kept = -(-int(network.get("reserved_ports", 0)) // (rails * planes))
        down = up = radix // 2
        if over != 1:
            down, up = _split(radix, leaves, over, slots, slots + kept)
        common = (radix, down, up, rails, planes, units, target, slots)
        if leaves <= radix:
            spines = _dividing(up, leaves * up, radix)
            return cls(*common, tiers=2, pod_units=target, pod_spines=spines, cores=0)
        half = radix // 2
        pod_units = half // rails
        pods = -(-target // pod_units)
        cores = half * _dividing(half, pods * half, radix)
        return cls(*common, tiers=3, pod_units=pod_units, pod_spines=half, cores=cores)

    @property
    def pods(self) -> int:
        return -(-self.units // self.pod_units)

    @property
    def bundle(self) -> int:
        """Cables between a leaf and each spine of its pod."""
        return self.up // self.pod_spines

    @property
    def group(self) -> int:
        """Cores behind the spines of one place."""
        return self.cores // self.pod_spines

    @property
    def spine_up(self) -> int:
        return self.radix // 2 if self.cores else 0

    def leaves(self) -> Iterator[tuple[int, int, int]]:
        """(Unit, rail, plane) of every leaf, from 1."""
        for unit in range(1, self.units + 1):
            for rail in range(1, self.rails + 1):
                for plane in range(1, self.planes + 1):
                    yield unit, rail, plane

    def spines(self) -> Iterator[tuple[int, int, int]]:
        """(Pod, place from 0, plane) of every spine."""
        for pod in range(1, self.pods + 1):
            for at in range(self.pod_spines):
                for plane in range(1, self.planes + 1):
                    yield pod, at, plane

    def leaves_to_come(self, in_cage: int) -> Iterator[tuple[int, int, int]]:
        """Leaves of later units whose cables end in a spine's cage that is in use already."""
        each = self.rails * self.bundle
        for unit in range(self.units + 1, self.target + 1):
            before = (unit - 1) % self.pod_units * each
            if before % in_cage == 0:
                return
            for rail in range(1, self.rails + 1):
                for plane in range(1, self.planes + 1):
                    yield unit, rail, plane

    def spines_to_come(self, in_cage: int) -> Iterator[tuple[int, int, int]]:
        """Spines of later pods whose cables end in a core's cage that is in use already."""
        for pod in range(self.pods + 1, -(-self.target // self.pod_units) + 1):
            if (pod - 1) * (self.spine_up // self.group) % in_cage == 0:
                return
            for at in range(self.pod_spines):
                for plane in range(1, self.planes + 1):
                    yield pod, at, plane

    def reserved(self, count: int) -> list[tuple[int, int, int]]:
        """(Rail, plane, leaf port) of the managers' ports of unit 1, rails first."""
        places = [
            (rail, plane, self.down - row)
            for row in range(self.down)
            for plane in range(1, self.planes + 1)
            for rail in range(1, self.rails + 1)
        ]
        return places[:count]


def _split(radix: int, leaves: int, over: Fraction, slots: int, wanted: int) -> tuple[int, int]:
    """Ports down and up of a leaf with the fewest spines; then most down, then fewest up."""
    ways: list[tuple[int, int, int]] = []
    for down in range(slots, radix):
        for up in range(1, radix - down + 1):
            if down <= over * up:
                ways.append((_dividing(up, leaves * up, radix), -down, up))
    roomy = [it for it in ways if -it[1] >= wanted]
    # Managers take places of machines where the leaf is full.
    _, down, up = min(roomy or [it for it in ways if it[1] == min(way[1] for way in ways)])
    return -down, up


def _dividing(number: int, over: int, radix: int) -> int:
    """The smallest divisor of ``number`` that is not below ``over / radix``."""
    return min(it for it in range(1, number + 1) if number % it == 0 and it * radix >= over)


def port_name(index: int, in_cage: int) -> str:
    """A logical port as it is printed: ``p07/2`` is the second of cage 7."""
    cage, sub = (index - 1) // in_cage + 1, (index - 1) % in_cage + 1
    return f"p{cage:02}/{sub}" if in_cage > 1 else f"p{cage:02}"
