"""Two sides measured in turn, so that both meet the same machine in the same mood."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.row import Figure

Say = Callable[[str], None]
"""Takes one line of progress."""


def timed(work: Callable[[], object]) -> float:
    """Seconds ``work`` took, by the clock that never goes back."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def cpu_seconds() -> float:
    """CPU time of this process and of all descendants that have ended."""
    mine = resource.getrusage(resource.RUSAGE_SELF)
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


@dataclass
class Side:
    """One side's rounds: wall time, and the CPU time that other processes hardly touch."""

    work: Callable[[], object]
    repeat: int
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self) -> None:
        """One round."""
        spent, begun = cpu_seconds(), time.perf_counter()
        for _ in range(self.repeat):
            self.work()
        self.wall.append((time.perf_counter() - begun) / self.repeat)
        self.cpu.append((cpu_seconds() - spent) / self.repeat)

    @property
    def figure(self) -> Figure:
        """Wall seconds of the rounds."""
        return Figure(tuple(self.wall), "s")


@dataclass(frozen=True)
class Pair:
    """Both sides over the same rounds."""

    one: Side
    other: Side

    @property
    def ours(self) -> Figure:
        """Wall seconds of our side."""
        return self.one.figure

    @property
    def theirs(self) -> Figure:
        """Wall seconds of the other side."""
        return self.other.figure

    @property
    def cpu(self) -> tuple[float, float]:
        """Median CPU seconds of both sides."""
        return statistics.median(self.one.cpu), statistics.median(self.other.cpu)

    @property
    def note(self) -> str:
        """CPU time in words: on a busy machine it says more than the clock."""
        ours, theirs = self.cpu
        return f"CPU time {ours:.3g} s against {theirs:.3g} s, {ours / theirs:.2f}x"

    @property
    def extra(self) -> dict[str, object]:
        """CPU time for the JSON file."""
        return {"cpu_s": {"ours": self.one.cpu, "theirs": self.other.cpu}}


def paired(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    rounds: int,
    say: Say,
    *,
    repeat: int = 1,
) -> Pair:
    """Seconds of both sides over ``rounds``; who goes first changes every round.

    Each side runs once before that, unmeasured: caches of the machine are warm for both.
    Work of milliseconds is run ``repeat`` times a round, and the round's value is one of
    them: a clock tick or another process then counts for little.
    """
    ours()
    theirs()
    pair = Pair(Side(ours, repeat), Side(theirs, repeat))
    for number in range(rounds):
        for side in (pair.other, pair.one) if number % 2 else (pair.one, pair.other):
            side.run()
        one, other = pair.one.wall[-1], pair.other.wall[-1]
        say(f"round {number + 1} of {rounds}: ours {one:.3g} s, theirs {other:.3g} s")
    return pair
