"""What a change does to the software of live machines, pool by pool."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.plan.model import NodePlan, Plan, SoftwarePlan
from bloomery.plan.software.changes import SoftwareChange, changes, most
from bloomery.plan.software.steps import Effect


@dataclass(frozen=True)
class SoftwareImpact:
    """What changes on the live machines of one pool."""

    pool: str
    model: str
    nodes: tuple[str, ...]
    """Machines that stay and are not installed anew."""
    effect: Effect
    """The most that any of the changes takes: ``reboot``, ``restart`` or ``none``."""
    changes: tuple[SoftwareChange, ...]


class SoftwareMoves:
    """Changes of software from one plan to the next, worked out once for each pair of pools."""

    def __init__(self, previous: Plan | None, wanted: Plan) -> None:
        self._old: Mapping[str, SoftwarePlan] = previous.metal.software_of_pool if previous else {}
        self._new = wanted.metal.software_of_pool
        self._found: dict[tuple[str, str], tuple[SoftwareChange, ...]] = {}

    def known(self, node: NodePlan) -> bool:
        """Whether the release says to the version what ``node`` is to have."""
        return node.pool in self._new

    def of(self, before: NodePlan, after: NodePlan) -> tuple[SoftwareChange, ...]:
        """What changes on a machine that stays."""
        pair = before.pool, after.pool
        if pair not in self._found:
            self._found[pair] = changes(self._old.get(before.pool), self._new.get(after.pool))
        return self._found[pair]

    def work(self, before: NodePlan, after: NodePlan) -> frozenset[str]:
        """Kinds of physical work that it takes: ``firmware``, ``driver``; one reboot serves all
        packages."""
        return frozenset(
            "firmware" if change.what == "firmware" else "driver"
            for change in self.of(before, after)
            if change.effect == "reboot"
        )


def software_impacts(
    live: Mapping[str, tuple[NodePlan, NodePlan]], moves: SoftwareMoves
) -> tuple[SoftwareImpact, ...]:
    """By pool, and within it by what changes. ``live``: machine -> as it was, and as it stays."""
    groups: dict[tuple[str, str, tuple[SoftwareChange, ...]], list[str]] = defaultdict(list)
    for name, (before, after) in sorted(live.items()):
        if found := moves.of(before, after):
            groups[after.pool, after.model, found].append(name)
    return tuple(
        SoftwareImpact(pool, model, tuple(names), most(found), found)
        for (pool, model, found), names in sorted(groups.items(), key=lambda it: it[0][:2])
    )
