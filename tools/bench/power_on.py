"""From powered off to reachable, for 1, 4 and 8 machines at once: ghosts, then guests.

Two figures a size. Power-on to ssh of installed machines, whose growth with their number
is the ratio; and the whole way from empty disks by ``pulumi up``, against bare Redfish
calls that go the same way on the same machines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.engine import our_project
from bench.ground import Group, ground, guests_missing, lab_up
from bench.raw_redfish import bring_up
from bench.rounds import Say, timed
from bench.row import BenchError, Figure, Row, unmeasured

MEANING = (
    "power-on to ssh: N machines at once, theirs: one machine alone. Empty to reachable: "
    "`pulumi up` with all phases, theirs: bare Redfish calls and ssh on the same machines"
)

KINDS = {"ghosts": "lab-ghost", "guests": "lab-node"}
"""Ghosts have no operating system; guests are real Debian hosts."""


@dataclass
class _Times:
    """Seconds, one value a round."""

    boot: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)


def rows(say: Say, *, quick: bool) -> Iterator[Row]:
    """Two rows a kind and size."""
    for kind, model in KINDS.items():
        counts = (1, 4) if quick else (1, 4, 8)
        missing = _missing(model)
        if missing:
            yield unmeasured("power-on to ssh", f"{kind}", missing)
            continue
        alone: Figure | None = None
        for count in counts:
            times = _measure(model, count, 1 if quick else 3, say)
            boot = Figure(tuple(times.boot), "s")
            alone = alone or boot
            growth = alone if count > 1 else None
            yield Row("power-on to ssh", f"{count} {kind}", boot, growth)
            ours, bare = Figure(tuple(times.ours), "s"), Figure(tuple(times.bare), "s")
            yield Row("empty to reachable", f"{count} {kind}", ours, bare)


def _missing(model: str) -> str:
    if model != KINDS["guests"]:
        return ""
    with ground("benchlook", [Group("node", 1, model)]) as site:
        return guests_missing(site)


def _measure(model: str, count: int, rounds: int, say: Say) -> _Times:
    times = _Times()
    for number in range(rounds):
        with ground(f"benchon{count}", [Group("node", count, model)]) as site:
            project = our_project(site)
            lab_up(site)
            bare = bring_up(site)
            times.boot.append(bare.boot)
            times.bare.append(bare.install + bare.boot)
            counts: dict[str, int] = {}
            times.ours.append(timed(lambda: counts.update(project.up())))  # noqa: B023 - run at once
            if counts.get("created", 0) < count:
                raise BenchError(f"pulumi up created {counts}, {count} machines were wanted")
            say(
                f"{count} x {model}, round {number + 1}: install {bare.install:.1f} s, "
                f"boot {bare.boot:.1f} s; pulumi up {times.ours[-1]:.1f} s"
            )
    return times
