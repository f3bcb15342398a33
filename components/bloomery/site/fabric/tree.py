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
    """Ports of a leaf towards spines; in one tier towards the other leaf, if there is one."""
    tiers: int
    """1 to 3. One tier is a leaf, or two that are joined."""
    pod_su: int
    """Scalable units of one pod; all of them in two tiers."""
    pod_spines: int
    """Spines of one pod; all spines in two tiers."""
    bundle: int
    """Links between a leaf and each spine of its pod; in one tier between both leaves."""
    group: int = 0
    """Cores that the spines of one place share; 0 in two tiers."""
    core_bundle: int = 0
    """Links between a spine and each core of its group; 0 in two tiers."""
    rails_per_leaf: int = 1

    @property
    def unit_leaves(self) -> int:
        """Leaves of a scalable unit."""
        return self.rails // self.rails_per_leaf

    @property
    def switches(self) -> int:
        """Switches at the growth target."""
        leaves = self.su_max * self.unit_leaves
        return leaves + self.pods_max * self.pod_spines + self.cores

    @property
    def links(self) -> int:
        """Cables between switches at the growth target."""
        if self.tiers == 1:
            return self.up
        leaves = self.su_max * self.unit_leaves
        return leaves * self.up + self.pods_max * self.pod_spines * self.spine_up

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


@dataclass(frozen=True)
class Asked:
    """What a tree is to hold."""

    radix: int
    rails: int
    nodes_per_su: int
    su_max: int
    oversubscription: float = 1
    managers: int = 0
    """Ports of unit 1 in one plane that go to managers of the fabric."""

    @property
    def ratio(self) -> Fraction:
        """As it is written, not as binary fractions have it: 24 ports at 1.4 are 14 and 10."""
        return Fraction(str(self.oversubscription))

    def leaves(self, rails_per_leaf: int) -> int:
        """Leaves at the growth target."""
        return self.su_max * (self.rails // rails_per_leaf)

    def ports(self, rails_per_leaf: int) -> int:
        """Ports of a leaf that machines and managers take where both have their own."""
        managers = math.ceil(self.managers / (self.rails // rails_per_leaf))
        return self.nodes_per_su * rails_per_leaf + managers


def tree(asked: Asked, *, tiers: int | None = None, rails_per_leaf: int = 1) -> Tree:
    """The tree for ``asked``. Raises TreeError where none is.

    ``tiers`` left out: two, and three where two do not do.
    """
    if asked.rails % rails_per_leaf:
        fits = ", ".join(str(it) for it in _divisors(asked.rails))
        reason = f"{rails_per_leaf} rails a leaf do not divide {asked.rails} rails"
        raise TreeError("rails_per_leaf", reason, fits)
    if tiers == 1:
        return _one_tier(asked, rails_per_leaf)
    most = math.floor(asked.radix * asked.ratio / (1 + asked.ratio))
    _leaf_holds(asked, rails_per_leaf, most)
    leaves = asked.leaves(rails_per_leaf)
    if tiers == 3 or (tiers is None and leaves > asked.radix):
        return _three_tiers(asked, rails_per_leaf)
    if leaves > asked.radix:
        reason = f"{leaves} leaves, and a spine connects {asked.radix}"
        raise TreeError("tiers", reason, "3, or auto")
    down, up = most, most
    if asked.ratio != 1 or rails_per_leaf > 1:
        down, up = _leaf_ports(asked, rails_per_leaf, most)
    spines = _spines(asked.radix, leaves, up)
    return _sized(
        asked, rails_per_leaf, down, up,
        tiers=2, pod_su=asked.su_max, pod_spines=spines, bundle=up // spines,
    )  # fmt: skip


def smallest(asked: Asked, *, tiers: int | None = None, rails_per_leaf: int | None = None) -> Tree:
    """The tree with the fewest switches, then cables; raises TreeError where there is none.

    Where that makes no difference, every rail has leaves of its own.
    """
    found: list[Tree] = []
    for rails in [rails_per_leaf] if rails_per_leaf else _divisors(asked.rails):
        for height in [tiers] if tiers else (1, 2, 3):
            try:
                found.append(tree(asked, tiers=height, rails_per_leaf=rails))
            except TreeError:
                continue
    if not found:  # says what is wrong with the plainest one
        rails = rails_per_leaf or (asked.rails if tiers == 1 else 1)
        return tree(asked, tiers=tiers, rails_per_leaf=rails)
    return min(found, key=lambda it: (it.switches, it.links, it.rails_per_leaf))


def _divisors(number: int) -> list[int]:
    return [it for it in range(1, number + 1) if number % it == 0]


def _leaf_holds(asked: Asked, rails_per_leaf: int, most: int) -> None:
    """Raises TreeError where the ports of machines do not fit a leaf with ``most`` down."""
    if rails_per_leaf == 1:
        if asked.nodes_per_su > most or most < 1:
            reason = f"{asked.nodes_per_su} machines on a leaf that has {max(most, 0)} ports down"
            hint = f"at most {most} of the switch's {asked.radix} ports"
            raise TreeError("nodes_per_su", reason, hint)
    elif asked.ports(rails_per_leaf) > most:
        reason = f"{asked.ports(rails_per_leaf)} ports of machines and managers on a leaf "
        reason += f"that has {most} down"
        raise TreeError("rails_per_leaf", reason, "fewer rails a leaf, or fewer machines a unit")


def _sized(asked: Asked, rails_per_leaf: int, down: int, up: int, **sizes: int) -> Tree:
    return Tree(
        radix=asked.radix,
        rails=asked.rails,
        nodes_per_su=asked.nodes_per_su,
        su_max=asked.su_max,
        down=down,
        up=up,
        rails_per_leaf=rails_per_leaf,
        **sizes,
    )


def _one_tier(asked: Asked, rails_per_leaf: int) -> Tree:
    """One leaf, or two with as many cables between them as half the traffic needs."""
    leaves, down = asked.leaves(rails_per_leaf), asked.ports(rails_per_leaf)
    if leaves > 2:
        hint = "2 or auto; or more rails a leaf"
        raise TreeError("tiers", f"{leaves} leaves at the growth target and no spine", hint)
    up = 0 if leaves == 1 else math.ceil(down / asked.ratio)
    if down + up > asked.radix:
        reason = f"{down} ports of machines and managers on a leaf"
        reason += f", and {up} to the other" if up else ""
        raise TreeError("tiers", reason, f"2 or auto; the switch has {asked.radix} ports")
    down = asked.radix if leaves == 1 else down
    return _sized(
        asked, rails_per_leaf, down, up, tiers=1, pod_su=asked.su_max, pod_spines=0, bundle=up
    )


def _leaf_ports(asked: Asked, rails_per_leaf: int, most: int) -> tuple[int, int]:
    """Ports down and up of a leaf: never above the ratio, and as few spines as then can be.

    Equal bundles need a number of uplinks that the spines divide, so a port down less or an
    uplink more may save most of them. Where that makes no difference, more go down; a leaf that
    several rails share has no more cables than it needs.
    """
    radix, ratio, leaves = asked.radix, asked.ratio, asked.leaves(rails_per_leaf)
    shared = rails_per_leaf > 1
    ways = (
        (down, up)
        for down in range(min(asked.ports(rails_per_leaf), most), most + 1)
        for up in range(math.ceil(down / ratio), radix - down + 1)
    )

    def cost(way: tuple[int, int]) -> tuple[int, ...]:
        down, up = way
        return _spines(radix, leaves, up), *((up, down) if shared else (-down, up))

    return min(ways, key=cost)


def _spines(radix: int, leaves: int, up: int) -> int:
    return smallest_divisor(up, at_least=math.ceil(leaves * up / radix))


def smallest_divisor(number: int, *, at_least: int) -> int:
    """Smallest divisor of ``number`` that is ``at_least`` so large: what keeps bundles equal."""
    return next(it for it in range(at_least, number + 1) if number % it == 0)


def _three_tiers(asked: Asked, rails_per_leaf: int) -> Tree:
    radix, half = asked.radix, asked.radix // 2
    if asked.ratio != 1:
        reason = "three tiers are planned without oversubscription only"
        raise TreeError("oversubscription", reason, "1, or a growth target that fits two tiers")
    unit_leaves = asked.rails // rails_per_leaf
    pod_su = half // unit_leaves
    if pod_su < 1:
        reason = f"{unit_leaves} rails do not fit a pod of {half} leaves"
        raise TreeError("rails", reason, f"at most {half}")
    pods = math.ceil(asked.su_max / pod_su)
    if pods > radix:
        reason = f"{asked.su_max} scalable units are {pods} pods, a core connects {radix}"
        raise TreeError("su_max", reason, f"at most {radix * pod_su}")
    group = smallest_divisor(half, at_least=math.ceil(pods * half / radix))
    return _sized(
        asked, rails_per_leaf, half, half,
        tiers=3, pod_su=pod_su, pod_spines=half, bundle=1, group=group, core_bundle=half // group,
    )  # fmt: skip
