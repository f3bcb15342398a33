"""What a change does to the metal: who reboots, whose disks are wiped, for how long.

``impact`` compares two plans, that of the last sealed record and the wanted one. What
drifted since then is in neither, so it is not in the result either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bloomery.plan.durations import GATE_HOURS, STEPS
from bloomery.plan.impact_software import SoftwareImpact, SoftwareMoves, software_impacts
from bloomery.plan.model import NodePlan, Plan, SiteFacts
from bloomery.plan.moved_numbers import MovedNumber, moved_numbers, remedies
from bloomery.plan.ports import SwitchImpact, switch_impacts
from bloomery.plan.rings import RING_NAMES, ring_of

PHYSICAL_PINS = {"driver": "driver", "firmware": "firmware"}
"""Pin of a release -> work that a new version of it is. Other pins are packages: they
are converged on the running machine."""


@dataclass(frozen=True)
class Move:
    """One version that changes."""

    what: str
    """``release``, or what the release pins: ``driver``, ``firmware``..."""
    before: str
    """Empty where nothing was there."""
    after: str
    """Empty where it is no longer pinned."""


@dataclass(frozen=True)
class RingImpact:
    """What happens to the machines of one ring of one pool."""

    pool: str
    ring: str
    """``canary``, ``rack``, ``quarter`` or ``rest``."""
    new: tuple[str, ...]
    """Machines that were not there before: they are installed."""
    reboots: tuple[str, ...]
    """Live machines that reboot, those that are wiped among them."""
    wipes: tuple[str, ...]
    """Live machines whose disks are wiped."""
    hours: float
    """Upper estimate for the ring, gate included."""


@dataclass(frozen=True)
class Leaving:
    """Machines of one pool that are in the plan no more."""

    pool: str
    nodes: tuple[str, ...]
    action: str
    """``release``, ``power-off`` or ``wipe``."""


@dataclass(frozen=True)
class PoolShare:
    """How much of what was live in a pool one change takes away."""

    pool: str
    live: int
    """Machines of the pool in the previous plan."""
    touched: int
    """Those of them that reboot, are wiped, are switched off or are replaced."""

    @property
    def percent(self) -> float:
        """Share in percent; 0 of a pool that was not there."""
        return 100 * self.touched / self.live if self.live else 0.0


@dataclass(frozen=True)
class Impact:
    """What a change does to the metal."""

    previous: str
    """Digest of the plan it starts from; empty where there is none."""
    wanted: str
    """Digest of the plan it leads to."""
    moves: tuple[Move, ...] = ()
    rings: tuple[RingImpact, ...] = ()
    leaving: tuple[Leaving, ...] = ()
    switches: tuple[SwitchImpact, ...] = ()
    software: tuple[SoftwareImpact, ...] = ()
    """What changes on machines that stay, where the release has a software set."""
    pools: tuple[PoolShare, ...] = ()
    budget_percent: float = 0.0
    """Live machines of a pool one change may touch, percent; 0 where the site does not say."""
    budget_hours: float = 0.0
    """Hours one change of live machines may take; 0 where the site does not say."""
    renumbered: tuple[MovedNumber, ...] = ()
    """Racks whose number moves under what stands there."""
    keep_numbers: tuple[str, ...] = ()
    """What to write in ``site.yaml`` so that they keep it."""
    unknown: str = ""
    """Why the previous plan is not known although there is one; empty otherwise."""
    unlaid: tuple[str, ...] = ()
    """Live machines whose OS disk is to be laid out anew, which only an installation does, and
    which are not installed by this change."""

    @property
    def hours(self) -> float:
        """Hours of all rings, one after the other within a pool and from pool to pool."""
        return sum(ring.hours for ring in self.rings)

    @property
    def live_hours(self) -> float:
        """Hours of the rings that touch live machines: what the budget is about."""
        return sum(ring.hours for ring in self.rings if ring.reboots)

    @property
    def exceeded(self) -> tuple[str, ...]:
        """What the budget does not allow, in words. Empty also where there is no budget."""
        said = [
            f"pool {pool.pool}: {pool.touched} of {pool.live} live machines "
            f"({pool.percent:.0f} %); limit {self.budget_percent:g} %"
            for pool in self.pools
            if self.budget_percent and pool.percent > self.budget_percent
        ]
        if self.budget_hours and self.live_hours > self.budget_hours:
            said.append(
                f"{self.live_hours:.1f} h on live machines (estimated, upper bound);"
                f" limit {self.budget_hours:g} h"
            )
        return tuple(said)


def impact(previous: Plan | None, wanted: Plan) -> Impact:
    """What leads from ``previous`` (None: from nothing) to ``wanted``. Pure and linear."""
    old = {node.name: node for node in previous.metal.nodes} if previous else {}
    moves = _moves(previous.site if previous else None, wanted.site)
    work = _Work(old, moves, _gpus(wanted), SoftwareMoves(previous, wanted))
    leaving = _leaving(old, wanted)
    renumbered = moved_numbers(previous, wanted) if previous else ()
    rings = tuple(_rings(wanted.metal.nodes, work))
    return Impact(
        previous=previous.digest if previous else "",
        wanted=wanted.digest,
        moves=moves,
        rings=rings,
        leaving=leaving,
        switches=switch_impacts(previous.fabric if previous else None, wanted.fabric),
        software=software_impacts(work.staying(wanted.metal.nodes), work.software),
        pools=_pools(old.values(), rings, leaving),
        budget_percent=wanted.site.sovereignty.budget_nodes_percent,
        budget_hours=wanted.site.sovereignty.budget_hours,
        renumbered=renumbered,
        keep_numbers=remedies(renumbered),
        unlaid=tuple(node.name for node in wanted.metal.nodes if work.unlaid(node)),
    )


def unknown_impact(wanted: Plan, reason: str) -> Impact:
    """The impact where a previous plan exists and cannot be read: a policy refuses it."""
    facts = wanted.site.sovereignty
    return Impact(
        previous="",
        wanted=wanted.digest,
        budget_percent=facts.budget_nodes_percent,
        budget_hours=facts.budget_hours,
        unknown=reason,
    )


def _moves(before: SiteFacts | None, after: SiteFacts) -> tuple[Move, ...]:
    old = {"release": before.release, **before.pins} if before else {}
    new = {"release": after.release, **after.pins}
    names = ["release", *sorted((old.keys() | new.keys()) - {"release"})]
    found = (Move(name, old.get(name, ""), new.get(name, "")) for name in names)
    return tuple(move for move in found if move.before != move.after)


def _gpus(plan: Plan) -> Mapping[str, bool]:
    """Model -> whether it has GPUs. A model the plan says nothing of is taken to have some."""
    return {model.key: model.gpus > 0 for model in plan.metal.models}


@dataclass(frozen=True)
class _Work:
    """Who needs which work."""

    old: Mapping[str, NodePlan]
    moves: Sequence[Move]
    gpus: Mapping[str, bool]
    software: SoftwareMoves

    def staying(self, nodes: Iterable[NodePlan]) -> Mapping[str, tuple[NodePlan, NodePlan]]:
        """Machines that are not installed anew -> as they were, and as they stay; none where the
        release has no software set."""
        return {
            node.name: (self.old[node.name], node)
            for node in nodes
            if self.software.known(node) and "install" not in self.kinds(node)
        }

    def new(self, node: NodePlan) -> bool:
        """Whether it is not the machine that stood there, if any did."""
        before = self.old.get(node.name)
        return before is None or before.identity != node.identity

    def unlaid(self, node: NodePlan) -> bool:
        """Whether its disk would not be as the plan says, or not be opened by the TPM any more."""
        if self.new(node) or "install" in self.kinds(node):
            return False
        before = self.old[node.name]
        sealed = node.os_disk is not None and bool(node.os_disk.encrypt)
        return node.os_disk != before.os_disk or (sealed and node.secure_boot != before.secure_boot)

    def kinds(self, node: NodePlan) -> frozenset[str]:
        """Work of one machine; empty where nothing physical happens to it."""
        if self.new(node):
            return frozenset({"install"})
        before = self.old[node.name]
        if node.install_generation > before.install_generation:
            return frozenset({"install"})
        kinds = {"bios"} if dict(node.bios) != dict(before.bios) else set()
        if self.software.known(node):
            return frozenset(kinds | self.software.work(before, node))
        for move in self.moves:
            kind = PHYSICAL_PINS.get(move.what)
            if kind and move.after and (kind != "driver" or self.gpus.get(node.model, True)):
                kinds.add(kind)
        return frozenset(kinds)


def _rings(nodes: Sequence[NodePlan], work: _Work) -> Iterable[RingImpact]:
    by_pool: dict[str, list[NodePlan]] = defaultdict(list)
    for node in nodes:
        by_pool[node.pool].append(node)
    for pool, members in sorted(by_pool.items()):
        places = ring_of(members)
        by_ring: dict[int, list[NodePlan]] = defaultdict(list)
        for node in sorted(members, key=lambda node: node.name):
            by_ring[places[node.name]].append(node)
        for at, name in enumerate(RING_NAMES):
            touched = [(node, kinds) for node in by_ring[at] if (kinds := work.kinds(node))]
            if touched:
                yield _ring(pool, name, touched, work)


def _ring(
    pool: str, name: str, touched: Sequence[tuple[NodePlan, frozenset[str]]], work: _Work
) -> RingImpact:
    counts: dict[str, int] = defaultdict(int)
    for _, kinds in touched:
        for kind in kinds:
            counts[kind] += 1
    live = [(node.name, kinds) for node, kinds in touched if not work.new(node)]
    wiped = tuple(name for name, kinds in live if any(STEPS[kind].wipes for kind in kinds))
    hours = sum(STEPS[kind].together(count) for kind, count in counts.items())
    return RingImpact(
        pool=pool,
        ring=name,
        new=tuple(node.name for node, _ in touched if work.new(node)),
        reboots=tuple(name for name, _ in live),
        wipes=wiped,
        hours=round(hours + GATE_HOURS, 3),
    )


def _leaving(old: Mapping[str, NodePlan], wanted: Plan) -> tuple[Leaving, ...]:
    there = {node.name for node in wanted.metal.nodes}
    gone: dict[str, list[str]] = defaultdict(list)
    for name in sorted(old.keys() - there):
        gone[old[name].pool].append(name)
    action = wanted.site.on_delete
    return tuple(Leaving(pool, tuple(names), action) for pool, names in sorted(gone.items()))


def _pools(
    old: Iterable[NodePlan], rings: Sequence[RingImpact], leaving: Sequence[Leaving]
) -> tuple[PoolShare, ...]:
    live: dict[str, int] = defaultdict(int)
    pool_of: dict[str, str] = {}
    for node in old:
        live[node.pool] += 1
        pool_of[node.name] = node.pool
    touched: dict[str, int] = defaultdict(int)
    for ring in rings:
        # A live machine whose place another one takes is taken away as well.
        for name in (*ring.reboots, *(name for name in ring.new if name in pool_of)):
            touched[pool_of[name]] += 1
    for group in leaving:
        touched[group.pool] += len(group.nodes) if group.action != "release" else 0
    return tuple(PoolShare(pool, live[pool], touched[pool]) for pool in sorted(live))
