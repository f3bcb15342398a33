"""No-change ``pulumi up`` of N of our nodes against a bare programme of N resources.

Ours is everything a user runs: the site loaded, planned and checked, the components, our
provider started, every resource checked and compared. The state was made by the same
handlers on instant machines, because an update that changes nothing reaches no device.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.filled import Shelf
from bench.rounds import Say, paired
from bench.row import Row, Target

MEANING = (
    "no-change `pulumi up` of a site of N nodes (with its site, components and acceptance); "
    "theirs: a bare programme of N custom resources with the same inputs, and a provider "
    "that echoes"
)

TARGET = Target(1.3)
"""Issue 3, section 8: at 500 resources."""

OTHERS = 5
"""Resources of ours beside the nodes: stack, site, pool, cluster, acceptance."""


def rows(shelf: Shelf, say: Say, *, quick: bool) -> Iterator[Row]:
    """One row a size."""
    for count in (50,) if quick else (50, 150, 500):
        filled = shelf.get(count)
        rounds = 3 if quick else 5
        pair = paired(filled.ours.nothing_changes, filled.bare.nothing_changes, rounds, say)
        yield Row(
            "no-change up",
            f"{count} nodes",
            pair.ours,
            pair.theirs,
            TARGET,
            pair.note,
            {**pair.extra, "our_resources": count + OTHERS},
        )
