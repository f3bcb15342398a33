"""``bloomery plan`` as people run it, from one scalable unit to 64."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.process import Spent, spent
from bench.results import machine
from bench.rounds import Say
from bench.row import BenchError, Figure, Row, Target
from bench.units import LARGEST, MACHINES, cut

MEANING = (
    "whole process of `bloomery plan SITE --json`: imports, load, plan, addresses, rules, JSON "
    "(64 SU are 2,048 machines, 1,280 switches of the compute tree and its 49,152 cables, with "
    "storage and out of band on top); theirs: a process that only reads the same two files with "
    "yaml and csv. The last row is CPU time of one unit more, late over early"
)

WALL = Target(2.0, of="ours")
PEAK = Target(600, of="ours", strict=True)
"""Issue 4, section 7."""

LINEAR = Target(1.5)
"""Near linear: a unit more costs at 64 at most half as much again as it does at 16."""

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
    yield _peak(ours[LARGEST])
    yield _growth(ours)


def _rounds(site: Path, rounds: int) -> tuple[list[Spent], list[Spent]]:
    """Both sides in turn; the first of each is for the caches of the machine."""
    plan: list[str | Path] = [Path(sys.executable).with_name("bloomery"), "plan", site, "--json"]
    read: list[str | Path] = [sys.executable, "-c", READER, site]
    ours, theirs = [], []
    for number in range(rounds + 1):
        pair = (spent(plan), spent(read))
        if number:
            ours.append(pair[0])
            theirs.append(pair[1])
    return ours, theirs


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


def _peak(ours: list[Spent]) -> Row:
    return Row(
        "plan, peak memory",
        f"{LARGEST} SU",
        Figure(tuple(it.peak_b / 1e6 for it in ours), "MB"),
        target=PEAK,
    )


def _growth(ours: dict[int, list[Spent]]) -> Row:
    """CPU time of a unit between 32 and 64 units, over that between 16 and 32."""
    low, middle, high = (min(it.cpu_s for it in ours[units]) for units in SIZES[-3:])
    late = (high - middle) / (SIZES[-1] - SIZES[-2])
    early = (middle - low) / (SIZES[-2] - SIZES[-3])
    if early <= 0 or late <= 0:
        raise BenchError("the machine was too busy: more units took less time")
    return Row(
        "a unit, late : early",
        f"{SIZES[-3]}-{SIZES[-1]} SU",
        Figure((late,), "s"),
        Figure((early,), "s"),
        LINEAR,
        note="CPU time of a unit from 32 to 64, over that from 16 to 32; fastest round of each",
    )
