"""A fresh ``make up``: its parts and total, cold and with caches, and who had to help.

Read from what set-up and ``bloomery up`` wrote down, and from the last run of
``python -m bench --fresh``, which does it all in a clone of its own with no caches.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.results import FOLDER, ROOT
from bench.rounds import Say, timed
from bench.row import BenchError, Figure, Row, Target, unmeasured
from bloomery.statedir import StateDir

MEANING = (
    "a fresh `make up` of the lab site in parts; no other tool does the same, so it is compared "
    "with its targets only"
)

SITE = "lab"

COLD = Target(20 * 60, of="ours")
CACHED = Target(4 * 60, of="ours")
SETUP_AGAIN = Target(10, of="ours", strict=True)
"""Issue 3, sections 8 and 1: seconds on two cores."""

NO_HANDS = Target(0, of="ours")
"""Steps a person takes between ``make up`` and the page."""

FRESH = FOLDER / "make-up-fresh.json"
"""Written by ``--fresh``: ``{"cold": {"time", "parts"}, "cached": {...}}``."""


def rows(say: Say, *, quick: bool) -> Iterator[Row]:
    """Set-up again, the last ``make up`` here, and the last fresh one."""
    del quick  # reading takes no time
    yield _setup_again(say)
    timings = StateDir.of(SITE, os.environ).path / "timings.json"
    yield from _last(timings)
    yield from _fresh(FRESH)


def _setup_again(say: Say) -> Row:
    """Set-up where nothing is to do."""
    took = timed(_setup)
    say(f"set-up, nothing to do: {took:.1f} s")
    return Row("set-up, nothing to do", "", Figure((took,), "s"), target=SETUP_AGAIN)


def _setup() -> None:
    done = subprocess.run([ROOT / "tools" / "setup"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"tools/setup failed: {done.stdout[-300:]}{done.stderr[-300:]}")


def _last(timings: Path) -> Iterator[Row]:
    """Parts of the last ``bloomery up`` of the lab, as its stopwatch wrote them."""
    parts = read_parts(timings)
    if not parts:
        yield unmeasured("last make up", SITE, "no timings yet; run make up")
        return
    written = datetime.datetime.fromtimestamp(timings.stat().st_mtime, datetime.UTC)
    when = f"as of {written:%Y-%m-%d %H:%M} UTC"
    for name, seconds in parts.items():
        yield Row(f"  {name}", SITE, Figure((seconds,), "s"))
    total = sum(parts.values())
    yield Row("last bloomery up", SITE, Figure((total,), "s"), target=CACHED, note=when)


def read_parts(path: Path) -> dict[str, float]:
    """Part -> seconds; empty where the file is missing. BenchError when it is something else."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        return {str(name): float(value) for name, value in json.loads(text).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise BenchError(f"{path} holds no timings: {error}") from error


def _fresh(record: Path) -> Iterator[Row]:
    """What the last ``--fresh`` run measured."""
    if not record.exists():
        why = "never run here; python -m bench --fresh (half an hour, clone of its own)"
        yield unmeasured("fresh make up", SITE, why)
        return
    for name, run in json.loads(record.read_text(encoding="utf-8")).items():
        yield from _fresh_rows(name, run, COLD if name == "cold" else CACHED)


def _fresh_rows(name: str, run: Mapping[str, object], target: Target) -> Iterator[Row]:
    parts = run["parts"]
    if not isinstance(parts, dict):
        raise BenchError(f"{FRESH} is of another version")
    for part, seconds in parts.items():
        yield Row(f"  {name}: {part}", SITE, Figure((float(seconds),), "s"))
    total = Figure((sum(float(seconds) for seconds in parts.values()),), "s")
    yield Row(f"fresh make up, {name}", SITE, total, target=target, note=f"as of {run['time']}")
    yield Row("  manual steps", SITE, Figure((0.0,), "steps"), target=NO_HANDS,
              note="it ran to completion without a terminal or prompts")  # fmt: skip
