"""Rings of a rollout: one machine, then its rack, then a quarter of the pool, then the rest.

A pure function of who is in the pool: the same members give the same rings, in whatever
order they are listed. A machine that joins a pool never becomes its canary unless its
name sorts first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bloomery.plan.model import NodePlan

EARLY_SHARE = 0.25
"""Share of a pool that has the change before the rest follows: what fails on one machine in
a hundred shows in a quarter of a large pool, and three quarters still work."""

RING_NAMES = ("canary", "rack", "quarter", "rest")
"""Names of the rings, first to last. A small pool has fewer."""


def rings(members: Iterable[NodePlan]) -> tuple[tuple[str, ...], ...]:
    """Names of the machines of each ring, in the order of ``RING_NAMES``; a ring may be empty."""
    ordered = sorted(members, key=lambda node: node.name)
    if not ordered:
        return ((), (), (), ())
    canary = ordered[0]
    rack = [node.name for node in ordered[1:] if node.rack == canary.rack]
    others = [node.name for node in ordered[1:] if node.rack != canary.rack]
    early = _early(len(ordered), taken=1 + len(rack))
    return (canary.name,), tuple(rack), tuple(others[:early]), tuple(others[early:])


def _early(size: int, *, taken: int) -> int:
    """Machines that fill the first rings up to the early share of the pool."""
    return max(0, math.ceil(size * EARLY_SHARE) - taken)


def ring_of(members: Sequence[NodePlan]) -> dict[str, int]:
    """Machine -> number of its ring, counted from 0."""
    return {name: at for at, names in enumerate(rings(members)) for name in names}
