"""The arithmetic of a rail-optimised fat tree: how many of what, and which joins which.

Sizes follow from the growth target, so that building more of a tree never moves what is
built. All of it is per plane; planes repeat the tree. Source of the rules: NVIDIA DGX
SuperPOD reference architectures (H100, B200, B300), network fabrics; the tables printed
there come out of it row by row (``tests/unit/plan/fabric``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction


class TreeError(ValueError):
    """No tree of this size can be built; ``key`` names the number to change, ``hint`` how."""

    def __init__(self, key: str, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.key = key
        self.hint = hint


@dataclass(frozen=True)
class Tree:
    """One plane of one network, sized for its growth target."""

    radix: int
    """Logical ports of a switch at link speed."""
    rails: int
    nodes_per_su: int
    su_max: int
    down: int
    """Ports of a leaf towards machines."""
    up: int
    """Ports of a leaf towards spines."""
    tiers: int
    """2 or 3."""
    pod_su: int
    """Scalable units of one pod; all of them in two tiers."""
    pod_spines: int
    """Spines of one pod; all spines in two tiers."""
    bundle: int
    """Links between a leaf and each spine of its pod."""
    group: int = 0
    """Cores that the spines of one place share; 0 in two tiers."""
    core_bundle: int = 0
    """Links between a spine and each core of its group; 0 in two tiers."""

    @property
    def pods_max(self) -> int:
        """Pods at the growth target; 1 in two tiers."""
        return math.ceil(self.su_max / self.pod_su)

    @property
    def cores(self) -> int:
        """Cores; all are built at once."""
        return self.pod_spines * self.group

    @property
    def spine_up(self) -> int:
        """Ports of a spine towards cores."""
        return self.group * self.core_bundle

    def pods(self, su: int) -> int:
        """Pods that ``su`` scalable units stand in."""
        return math.ceil(su / self.pod_su)


def tree(
    *,
    radix: int,
    rails: int,
    nodes_per_su: int,
    su_max: int,
    oversubscription: float = 1,
    managers: int = 0,
) -> Tree:
    """The smallest tree for ``su_max`` scalable units. Raises TreeError where none is.

    ``managers`` are ports of a leaf of unit 1 that go to managers of the fabric.
    """
    # As it is written, not as binary fractions have it: 24 ports at 1.4 are 14 and 10.
    ratio = Fraction(str(oversubscription))
    most = math.floor(radix * ratio / (1 + ratio))
    if nodes_per_su > most or most < 1:
        reason = f"{nodes_per_su} machines on a leaf that has {max(most, 0)} ports down"
        raise TreeError("nodes_per_su", reason, f"at most {most} of the switch's {radix} ports")
    leaves = su_max * rails
    if leaves > radix:
        return _three_tiers((radix, rails, nodes_per_su, su_max, most, most), oversubscription)
    down, up = most, most
    if ratio != 1:
        down, up = _leaf_ports(radix, min(nodes_per_su + managers, most), ratio, leaves)
    spines = _spines(radix, leaves, up)
    shape = (radix, rails, nodes_per_su, su_max, down, up)
    return Tree(*shape, tiers=2, pod_su=su_max, pod_spines=spines, bundle=up // spines)


def _leaf_ports(radix: int, need: int, ratio: Fraction, leaves: int) -> tuple[int, int]:
    """Ports down and up of a leaf: never above the ratio, and as few spines as then can be.

    Equal bundles need a number of uplinks that the spines divide, so a port down less or an
    uplink more may save most of them. Where that makes no difference, more go down.
    """
    ways = (
        (down, up)
        for down in range(need, math.floor(radix * ratio / (1 + ratio)) + 1)
        for up in range(math.ceil(down / ratio), radix - down + 1)
    )
    return min(ways, key=lambda way: (_spines(radix, leaves, way[1]), -way[0], way[1]))


def _spines(radix: int, leaves: int, up: int) -> int:
    return smallest_divisor(up, at_least=math.ceil(leaves * up / radix))


def smallest_divisor(number: int, *, at_least: int) -> int:
    """Smallest divisor of ``number`` that is ``at_least`` so large: what keeps bundles equal."""
    return next(it for it in range(at_least, number + 1) if number % it == 0)


def _three_tiers(shape: tuple[int, int, int, int, int, int], oversubscription: float) -> Tree:
    radix, rails, _, su_max, _, _ = shape
    half = radix // 2
    if oversubscription != 1:
        reason = "three tiers are planned without oversubscription only"
        raise TreeError("oversubscription", reason, "1, or a growth target that fits two tiers")
    pod_su = half // rails
    if pod_su < 1:
        reason = f"{rails} rails do not fit a pod of {half} leaves"
        raise TreeError("rails", reason, f"at most {half}")
    pods = math.ceil(su_max / pod_su)
    if pods > radix:
        reason = f"{su_max} scalable units are {pods} pods, a core connects {radix}"
        raise TreeError("su_max", reason, f"at most {radix * pod_su}")
    group = smallest_divisor(half, at_least=math.ceil(pods * half / radix))
    return Tree(
        *shape,
        tiers=3,
        pod_su=pod_su,
        pod_spines=half,
        bundle=1,
        group=group,
        core_bundle=half // group,
    )
