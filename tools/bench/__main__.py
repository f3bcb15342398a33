"""Runs the benches: ``python -m bench [--only NAME] [--quick]``.

The exit code is 1 when a target was missed or something could not be measured.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bench import (
    converge,
    make_up,
    many_bmcs,
    noop_up,
    personality_cost,
    plan_time,
    plan_units,
    policy_pack,
    power_on,
    release_sets,
    results,
    rival_plans,
    state_size,
)
from bench.filled import Shelf
from bench.fresh import run_fresh
from bench.ground import sweep
from bench.rounds import Say
from bench.row import BenchError, Row, unmeasured
from bench.table import WIDTH, print_results
from bloomery.errors import BloomeryError

FAILURES = (BenchError, BloomeryError, OSError, subprocess.SubprocessError)
"""What makes a bench unmeasured. Anything else is a mistake in it and ends the run."""


@dataclass(frozen=True)
class Bench:
    """One bench: what it compares, and how its rows come."""

    meaning: str
    rows: Callable[[Shelf, Say, bool], Iterator[Row]]


BENCHES: Mapping[str, Bench] = {
    "plan": Bench(plan_time.MEANING, lambda _, say, quick: plan_time.rows(say, quick=quick)),
    "plan-units": Bench(
        plan_units.MEANING, lambda _, say, quick: plan_units.rows(say, quick=quick)
    ),
    "release-sets": Bench(
        release_sets.MEANING, lambda _, say, quick: release_sets.rows(say, quick=quick)
    ),
    "rival-plans": Bench(
        rival_plans.MEANING, lambda _, say, quick: rival_plans.rows(say, quick=quick)
    ),
    "policy-pack": Bench(
        policy_pack.MEANING, lambda _, say, quick: policy_pack.rows(say, quick=quick)
    ),
    "noop-up": Bench(
        noop_up.MEANING, lambda shelf, say, quick: noop_up.rows(shelf, say, quick=quick)
    ),
    "state-size": Bench(
        state_size.MEANING, lambda shelf, say, quick: state_size.rows(shelf, say, quick=quick)
    ),
    "power-on": Bench(power_on.MEANING, lambda _, say, quick: power_on.rows(say, quick=quick)),
    "many-bmcs": Bench(many_bmcs.MEANING, lambda _, say, quick: many_bmcs.rows(say, quick=quick)),
    "personality-cost": Bench(
        personality_cost.MEANING, lambda _, say, quick: personality_cost.rows(say, quick=quick)
    ),
    "converge": Bench(converge.MEANING, lambda _, say, quick: converge.rows(say, quick=quick)),
    "make-up": Bench(make_up.MEANING, lambda _, say, quick: make_up.rows(say, quick=quick)),
}


def _run(name: str, shelf: Shelf, say: Say, *, quick: bool) -> list[Row]:
    """All rows of one bench; what stops it becomes its last row."""
    made: list[Row] = []
    try:
        for row in BENCHES[name].rows(shelf, say, quick):
            made.append(row)
    except FAILURES as error:
        made.append(unmeasured("the rest" if made else "all", "", str(error)))
    return made


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Ratios to other tools.")
    only = f"run this bench only; may be given again: {', '.join(BENCHES)}"
    parser.add_argument("--only", action="append", choices=list(BENCHES), metavar="NAME", help=only)
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds")
    fresh = "first run make up in clones without and with caches; half an hour"
    parser.add_argument("--fresh", action="store_true", help=fresh)
    return parser.parse_args()


def main() -> int:
    """Run what was asked for; returns the exit code."""
    asked = _asked()
    console = Console(width=WIDTH)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    for left in sweep(Path(tempfile.gettempdir())):
        console.print(f"removed leftovers of a killed bench: {left}", highlight=False)
    shelf = Shelf(lambda line: console.print(f"[dim]  {line}[/]", highlight=False))
    made: dict[str, list[Row]] = {}
    try:
        if asked.fresh:
            run_fresh(shelf.say)
        for name in asked.only or BENCHES:
            console.print(f"[bold cyan]==[/] {name}", highlight=False)
            made[name] = _run(name, shelf, shelf.say, quick=asked.quick)
            meaning = BENCHES[name].meaning
            results.write(name, meaning, made[name], quick=asked.quick, folder=results.FOLDER)
    except FAILURES as error:
        console.print(f"[bold red]stopped:[/] {error}", highlight=False)
        return 1
    finally:
        shelf.close()
    meanings = {name: bench.meaning for name, bench in BENCHES.items()}
    print_results(console, made, meanings, results.cores())
    console.print(f"JSON: {results.FOLDER.name}/", highlight=False)
    bad = [row for rows in made.values() for row in rows if row.verdict in ("fail", "not measured")]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
