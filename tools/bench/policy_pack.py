"""The sovereign pack over 10,000 resources, with and without what it does to be quick."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.rounds import Say
from bench.row import BenchError, Figure, Row, Target
from bench.units import EXAMPLE

MEANING = (
    "every rule of policies/sovereign over the Site and the Nodes of example-su64, from the bytes "
    "of a request to its findings, through the SDK's servicer, in CPU time; theirs: the same rules "
    "with the SDK as it comes, which asks every rule about each resource and reads it for each; "
    "the socket of the engine is left out"
)

COUNT = 10_000

EACH = Target(0.1e-3, of="ours")
ALL = Target(1.0, of="ours")
"""A preview of a large site waits a second at most for its rules."""

SIDE = Path(__file__).with_name("policy_side.py")


def rows(say: Say, *, quick: bool) -> Iterator[Row]:
    """Seconds a resource, and of all of them."""
    count, rounds = (2000, 2) if quick else (COUNT, 3)
    ours, theirs = [], []
    for number in range(rounds):
        ours.append(_seconds(count))
        theirs.append(_seconds(count, "--plain"))
        say(f"round {number + 1} of {rounds}: ours {ours[-1]:.3g} s, theirs {theirs[-1]:.3g} s")
    size = f"{count} resources"
    mine, plain = (Figure(tuple(one / count for one in side), "s") for side in (ours, theirs))
    yield Row("all rules, a resource", size, mine, plain, EACH)
    if count == COUNT:
        yield Row(
            "all rules, all resources",
            size,
            Figure(tuple(ours), "s"),
            Figure(tuple(theirs), "s"),
            ALL,
        )


def _seconds(count: int, *words: str) -> float:
    command = [sys.executable, str(SIDE), str(EXAMPLE), str(count), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"the pack cannot be run: {done.stderr.strip()[-300:]}")
    said = json.loads(done.stdout)
    if not said["findings"]:
        # The example declares nothing sovereign: a pack that finds nothing there did not judge.
        raise BenchError("the pack found nothing in a site that declares nothing")
    return float(said["seconds"])
