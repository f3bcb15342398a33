"""CPU time from a release to its exact software sets, and to the verdict of the rules on them."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.rounds import Say
from bench.row import Figure, Row, Target
from bloomery.catalogue import Release, release, release_names
from bloomery.check.software_sets import judge
from bloomery.plan.model import SoftwarePlan
from bloomery.plan.software.solve import solve
from bloomery.plan.software.target import targets

MEANING = (
    "CPU time of making every software set of a release, one for each model, purpose and node "
    "mode; judging them is a row of its own. Nobody else makes such sets from a description"
)

TARGET = Target(0.05, of="ours", strict=True)
"""Issue 5, section 1: a release is solved in less than 50 ms."""


def rows(say: Say, *, quick: bool) -> Iterator[Row]:
    """Two rows for each release with a software set."""
    rounds = 3 if quick else 15
    for name in release_names():
        found = release(name)
        if found.software is None:
            continue
        solved, judged = timed(found, rounds)
        sets = len(sets_of(found))
        say(f"{name}: {sets} sets")
        more = {"sets": sets}
        yield Row("solve a release", name, Figure(solved, "s"), target=TARGET, extra=more)
        yield Row("judge its sets", name, Figure(judged, "s"), extra=more)


def sets_of(found: Release) -> tuple[SoftwarePlan, ...]:
    """Every set of the release."""
    return tuple(one for target in targets(found) if (one := solve(found, target)))


def timed(found: Release, rounds: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """CPU seconds of solving and of judging, round by round, after one that is not counted."""
    judge(sets_of(found))
    solved, judged = [], []
    for _ in range(rounds):
        began = time.process_time()
        sets = sets_of(found)
        solved.append(time.process_time() - began)
        began = time.process_time()
        judge(sets)
        judged.append(time.process_time() - began)
    return tuple(solved), tuple(judged)
