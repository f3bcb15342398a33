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
    *, radix: int, rails: int, nodes_per_su: int, su_max: int, oversubscription: float = 1
) -> Tree:
    """The smallest tree for ``su_max`` scalable units. Raises TreeError where none is."""
    # As it is written, not as binary fractions have it: 24 ports at 1.4 are 14 and 10.
    ratio = Fraction(str(oversubscription))
    down = math.floor(radix * ratio / (1 + ratio))
    up = math.floor(down / ratio)
    if nodes_per_su > down or up < 1:
        reason = f"{nodes_per_su} machines on a leaf that has {max(down, 0)} ports down"
        raise TreeError("nodes_per_su", reason, f"at most {down} of the switch's {radix} ports")
    leaves = su_max * rails
    shape = (radix, rails, nodes_per_su, su_max, down, up)
    if leaves <= radix and leaves * nodes_per_su <= radix * down:
        spines = smallest_divisor(up, at_least=math.ceil(leaves * up / radix))
        return Tree(*shape, tiers=2, pod_su=su_max, pod_spines=spines, bundle=up // spines)
    return _three_tiers(shape, oversubscription)


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
