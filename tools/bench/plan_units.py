"""``bloomery plan`` as people run it, from one scalable unit to 512."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.grown_units import grown
from bench.process import Spent, spent
from bench.results import machine
from bench.rounds import Say
from bench.row import BenchError, Figure, Row, Target
from bench.units import LARGEST, MACHINES, cut

MEANING = (
    "whole process of `bloomery plan SITE --json`: imports, load, plan, addresses, rules, JSON "
    "(64 SU are 2,048 machines, 1,280 switches of the compute tree and its 49,152 cables, with "
    "storage and out of band on top); theirs: a process that only reads the same two files with "
    "yaml and csv. 256 and 512 SU are that site with switches of 128 ports, once each. Late "
    "over early is CPU time of one unit more"
)

WALL = Target(2.0, of="ours")
PEAK = Target(600, of="ours", strict=True)
"""Seconds and MB of the largest example, 64 SU."""

CPU = Target(0.7, of="ours")
"""CPU time of the largest example; the clock of a busy machine says little of a process."""

LINEAR = Target(1.5)
"""Near linear: a unit more costs at 64 at most half as much again as it does at 16."""

HUGE = (256, 512)
"""8,192 and 16,384 machines."""

HUGE_CPU = Target(10, of="ours")
HUGE_PEAK = Target(1500, of="ours", strict=True)

SIZES = (1, 2, 4, 8, 16, 32, LARGEST)

READER = (
    "import csv, sys, yaml; yaml.safe_load(open(sys.argv[1] + '/site.yaml'));"
    "list(csv.DictReader(open(sys.argv[1] + '/machines.csv')))"
)


def rows(say: Say, *, quick: bool) -> Iterator[Row]:
    """A row a size, then the targets of the largest, then how the cost grows."""
    rounds = 3 if quick else 5
    ours: dict[int, list[Spent]] = {}
    with tempfile.TemporaryDirectory(prefix="bloomery-bench-") as folder:
        for units in SIZES:
            site = cut(Path(folder), units)
            ours[units], theirs = _rounds(site, rounds)
            fastest = min(it.cpu_s for it in ours[units])
            say(f"{units} SU: {fastest:.2f} s of CPU time")
            yield _row(units, ours[units], theirs)
        yield _cpu(LARGEST, ours[LARGEST], CPU)
        yield _peak(LARGEST, ours[LARGEST], PEAK)
        yield _growth(ours, SIZES[-3:])
        if not quick:
            yield from _huge(Path(folder), say, ours)


def _huge(folder: Path, say: Say, ours: dict[int, list[Spent]]) -> Iterator[Row]:
    """Sites that no example has: seconds of each, so once."""
    for units in HUGE:
        ours[units] = [spent(_command(grown(folder, units)))]
        say(f"{units} SU: {ours[units][0].cpu_s:.2f} s of CPU time")
        most = units == HUGE[-1]
        yield _cpu(units, ours[units], HUGE_CPU if most else None)
        yield _peak(units, ours[units], HUGE_PEAK if most else None)
    yield _growth(ours, (LARGEST, *HUGE))


def _rounds(site: Path, rounds: int) -> tuple[list[Spent], list[Spent]]:
    """Both sides in turn; the first of each is for the caches of the machine."""
    plan = _command(site)
    read: list[str | Path] = [sys.executable, "-c", READER, site]
    ours, theirs = [], []
    for number in range(rounds + 1):
        pair = (spent(plan), spent(read))
        if number:
            ours.append(pair[0])
            theirs.append(pair[1])
    return ours, theirs


def _command(site: Path) -> list[str | Path]:
    return [Path(sys.executable).with_name("bloomery"), "plan", site, "--json"]


def _row(units: int, ours: list[Spent], theirs: list[Spent]) -> Row:
    cpu = [it.cpu_s for it in ours]
    return Row(
        "plan, whole process",
        f"{units} SU",
        Figure(tuple(it.wall_s for it in ours), "s"),
        Figure(tuple(it.wall_s for it in theirs), "s"),
        WALL if units == LARGEST else None,
        note=f"CPU time {median(cpu):.2f} s, {units * MACHINES} machines; "
        f"load of the machine {machine()['load_1min']}",
        extra={"cpu_s": cpu, "peak_b": [it.peak_b for it in ours]},
    )


def _cpu(units: int, ours: list[Spent], target: Target | None) -> Row:
    """Fastest of the rounds: what other processes add is not the plan's."""
    fastest = min(it.cpu_s for it in ours)
    return Row("plan, CPU time", f"{units} SU", Figure((fastest,), "s"), target=target)


def _peak(units: int, ours: list[Spent], target: Target | None) -> Row:
    peak = Figure(tuple(it.peak_b / 1e6 for it in ours), "MB")
    return Row("plan, peak memory", f"{units} SU", peak, target=target)


def _growth(ours: dict[int, list[Spent]], sizes: tuple[int, int, int]) -> Row:
    """CPU time of a unit between the upper two of ``sizes``, over that between the lower two."""
    low, middle, high = (min(it.cpu_s for it in ours[units]) for units in sizes)
    first, second, third = sizes
    late, early = (high - middle) / (third - second), (middle - low) / (second - first)
    if early <= 0 or late <= 0:
        raise BenchError("the machine was too busy: more units took less time")
    return Row(
        "a unit, late : early",
        f"{first}-{third} SU",
        Figure((late,), "s"),
        Figure((early,), "s"),
        LINEAR,
        note=f"CPU time of a unit from {second} to {third}, over that from {first} to {second}; "
        "fastest round of each",
    )
