"""Sizes of a rail-optimised fat tree from five numbers, in whole numbers and fractions.

Rules: NVIDIA DGX SuperPOD reference architectures, network fabrics. Bundles between two
switches are equal, so the number of spines divides the uplinks of a leaf.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
    shared: int = 1
    """Rails of one leaf."""
    unit_leaves: tuple[int, ...] = ()
    """Leaves of one plane that each built unit needs; empty: all."""

    def needing(self, last_rails: list[int], managers: int) -> Sizes:
        """The same tree without the leaves of rails beyond the last of their unit."""
        needed = [-(-last // self.shared) for last in last_rails]
        needed[0] = max(needed[0], min(managers, self.each))
        return replace(self, unit_leaves=tuple(needed))

    @classmethod
    def of(cls, network: Tree, radix: int) -> Sizes:
        """As the sheet says; where it leaves the choice, what needs the fewest switches."""
        rails, written = int(network.get("rails", 1)), network.get("tiers")
        shared = int(network.get("rails_per_leaf", 0))
        open_ = written in ("1", "auto")
        every = [it for it in range(1, rails + 1) if rails % it == 0] if open_ else [1]
        heights = [1, 2, 3] if written == "auto" else [int(written or 0)]
        ways = [
            found
            for at_leaf in ([shared] if shared else every)
            for height in heights
            if (found := cls._way(network, radix, at_leaf, height)) is not None
        ]
        return min(ways, key=lambda it: (it._switches, it._links, it.shared))

    @classmethod
    def _way(cls, network: Tree, radix: int, shared: int, tiers: int) -> Sizes | None:
        """One way to build it; None where it cannot be. ``tiers`` 0: two, or three if need be."""
        over = exact(network.get("oversubscription", "1"))
        rails, slots = int(network.get("rails", 1)), int(network["nodes_per_su"])
        units, planes = int(network.get("su", 1)), int(network.get("planes", 1))
        target = int(network.get("su_max", units))
        each = rails // shared
        leaves = target * each
        wanted = slots * shared + -(-int(network.get("reserved_ports", 0)) // (each * planes))
        common = (rails, planes, units, target, slots)
        if tiers == 1:
            if leaves == 1 and wanted <= radix:
                return cls(radix, radix, 0, *common, 1, target, 0, 0, shared)
            across = -(-wanted // over)
            if leaves == 2 and wanted + across <= radix:
                return cls(radix, wanted, int(across), *common, 1, target, 0, 0, shared)
            return None
        if leaves <= radix and tiers != 3:
            down = up = radix // 2
            if over != 1 or shared > 1:
                found = _split(radix, leaves, over, slots * shared, wanted, shared > 1)
                if found is None:
                    return None
                down, up = found
            if down < slots * shared:
                return None
            spines = _dividing(up, leaves * up, radix)
            return cls(radix, down, up, *common, 2, target, spines, 0, shared)
        half = radix // 2
        pod_units = half // each
        no_room = (wanted if shared > 1 else slots) > half
        if tiers == 2 or over != 1 or not pod_units or no_room:
            return None
        pods = -(-target // pod_units)
        if pods > radix:
            return None
        cores = half * _dividing(half, pods * half, radix)
        return cls(radix, half, half, *common, 3, pod_units, half, cores, shared)

    @property
    def each(self) -> int:
        """Leaves of a unit in one plane."""
        return self.rails // self.shared

    @property
    def _switches(self) -> int:
        pods = -(-self.target // self.pod_units)
        return self.target * self.each + pods * self.pod_spines + self.cores

    @property
    def _links(self) -> int:
        if self.tiers == 1:
            return self.up
        pods = -(-self.target // self.pod_units)
        return self.target * self.each * self.up + pods * self.pod_spines * self.spine_up

    @property
    def pods(self) -> int:
        return -(-self.units // self.pod_units)

    @property
    def bundle(self) -> int:
        """Cables between a leaf and each spine of its pod."""
        return self.up // self.pod_spines if self.pod_spines else self.up

    @property
    def group(self) -> int:
        """Cores behind the spines of one place."""
        return self.cores // self.pod_spines if self.cores else 0

    @property
    def spine_up(self) -> int:
        return self.radix // 2 if self.cores else 0

    def leaves(self) -> Iterator[tuple[int, int, int]]:
        """(Unit, rail, plane) of every leaf, from 1."""
        for unit in range(1, self.units + 1):
            yield from self._leaves(unit, 0, self._needed(unit))

    def _needed(self, unit: int) -> int:
        return self.unit_leaves[unit - 1] if self.unit_leaves else self.each

    def _leaves(self, unit: int, first: int, end: int) -> Iterator[tuple[int, int, int]]:
        for leaf in range(first, end):
            for plane in range(1, self.planes + 1):
                yield unit, leaf * self.shared + 1, plane

    def spines(self) -> Iterator[tuple[int, int, int]]:
        """(Pod, place from 0, plane) of every spine."""
        for pod in range(1, self.pods + 1):
            for at in range(self.pod_spines):
                for plane in range(1, self.planes + 1):
                    yield pod, at, plane

    def leaves_to_come(self, in_cage: int) -> Iterator[tuple[int, int, int]]:
        """Leaves to be whose cables end in a spine's cage that is, or could be, in use already."""
        each = self.each * self.bundle
        for unit in range(1, self.units + 1) if self.tiers > 1 else ():
            yield from self._leaves(unit, self._needed(unit), self.each)
        for unit in range(self.units + 1, self.target + 1) if self.tiers > 1 else ():
            before = (unit - 1) % self.pod_units * each
            if before % in_cage == 0:
                return
            yield from self._leaves(unit, 0, self.each)

    def spines_to_come(self, in_cage: int) -> Iterator[tuple[int, int, int]]:
        """Spines of later pods whose cables end in a core's cage that is in use already."""
        for pod in (
            range(self.pods + 1, -(-self.target // self.pod_units) + 1) if self.cores else ()
        ):
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
            for rail in range(1, self.rails + 1, self.shared)
        ]
        return places[:count]


def _split(
    radix: int, leaves: int, over: Fraction, slots: int, wanted: int, shared: bool
) -> tuple[int, int] | None:
    """Ports down and up of a leaf with the fewest spines; then most down, then fewest up.

    A leaf of several rails has as few as it needs.
    """
    ways: list[tuple[int, int, int]] = []
    for down in range(slots, radix):
        for up in range(1, radix - down + 1):
            if down <= over * up:
                spines = _dividing(up, leaves * up, radix)
                ways.append((spines, up, down) if shared else (spines, -down, up))
    downs = [it[2] if shared else -it[1] for it in ways]
    most = max(downs, default=0)
    if not ways or (shared and most < wanted):
        return None
    # Managers take places of machines where the leaf is full.
    best = min(it for it, down in zip(ways, downs, strict=True) if down >= min(wanted, most))
    return (best[2], best[1]) if shared else (-best[1], best[2])


def _dividing(number: int, over: int, radix: int) -> int:
    """The smallest divisor of ``number`` that is not below ``over / radix``."""
    return min(it for it in range(1, number + 1) if number % it == 0 and it * radix >= over)


def port_name(index: int, in_cage: int) -> str:
    """A logical port as it is printed: ``p07/2`` is the second of cage 7."""
    cage, sub = (index - 1) // in_cage + 1, (index - 1) % in_cage + 1
    return f"p{cage:02}/{sub}" if in_cage > 1 else f"p{cage:02}"
