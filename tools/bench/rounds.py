"""Two sides measured in turn, so that both meet the same machine in the same mood."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from bench.row import Figure

Say = Callable[[str], None]
"""Takes one line of progress."""


def timed(work: Callable[[], object]) -> float:
    """Seconds ``work`` took, by the clock that never goes back."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _again(work: Callable[[], object], repeat: int) -> None:
    for _ in range(repeat):
        work()


def paired(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    rounds: int,
    say: Say,
    *,
    repeat: int = 1,
) -> tuple[Figure, Figure]:
    """Seconds of both sides over ``rounds``; who goes first changes every round.

    Each side runs once before that, unmeasured: caches of the machine are warm for both.
    Work of milliseconds is run ``repeat`` times a round, and the round's value is one of
    them: a clock tick or another process then counts for little.
    """
    ours()
    theirs()
    mine: list[float] = []
    other: list[float] = []
    for number in range(rounds):
        sides = [(ours, mine), (theirs, other)]
        for work, found in reversed(sides) if number % 2 else sides:
            found.append(timed(partial(_again, work, repeat)) / repeat)
        say(f"round {number + 1} of {rounds}: ours {mine[-1]:.3g} s, theirs {other[-1]:.3g} s")
    return Figure(tuple(mine), "s"), Figure(tuple(other), "s")
