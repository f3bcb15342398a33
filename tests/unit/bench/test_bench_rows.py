"""Verdicts: what passes, what fails, and that nothing measured is never a pass."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from bench.rounds import paired
from bench.row import Figure, Row, Target, unmeasured

FAST, SLOW = Figure((1.0, 1.1, 1.2), "s"), Figure((2.0, 2.0, 2.0), "s")


@pytest.mark.parametrize(
    ("ours", "theirs", "target", "verdict"),
    [
        (FAST, SLOW, Target(0.55), "pass"),
        (FAST, SLOW, Target(0.54), "fail"),
        (FAST, None, Target(1.1, of="ours"), "pass"),
        (FAST, None, Target(1.1, of="ours", strict=True), "fail"),
        (FAST, None, Target(1.3), "not measured"),
        (FAST, SLOW, None, "no target"),
        (None, SLOW, Target(1.3), "not measured"),
        (None, None, None, "not measured"),
    ],
)
def test_verdicts(ours, theirs, target, verdict) -> None:
    assert Row("what", "size", ours, theirs, target).verdict == verdict


def test_the_ratio_is_taken_round_by_round() -> None:
    ours, theirs = Figure((1.0, 4.0, 9.0), "s"), Figure((1.0, 2.0, 3.0), "s")
    ratio = Row("what", "size", ours, theirs).ratio
    assert (ratio.low, ratio.middle, ratio.high) == (1.0, 2.0, 3.0)


def test_sides_of_different_rounds_are_held_against_the_middle() -> None:
    ratio = Row("what", "size", Figure((2.0,), "s"), Figure((1.0, 4.0, 100.0), "s")).ratio
    assert ratio.middle == 0.5


def test_a_row_is_json_with_every_round() -> None:
    made = json.loads(json.dumps(Row("w", "s", FAST, SLOW, Target(1.3), "n", {"k": 1}).as_dict()))
    assert made["ours"]["values"] == [1.0, 1.1, 1.2]
    assert made["verdict"] == "pass"
    assert made["extra"] == {"k": 1}
    assert json.loads(json.dumps(unmeasured("w", "s", "why").as_dict()))["note"] == "why"


def test_rounds_change_who_goes_first_and_warm_up_is_not_counted() -> None:
    calls: list[str] = []
    lines: list[str] = []
    pair = paired(lambda: calls.append("o"), lambda: calls.append("t"), 3, lines.append, repeat=2)
    assert "".join(calls) == "ot" + "oott" + "ttoo" + "oott"
    assert len(pair.ours.values) == len(pair.theirs.values) == len(lines) == 3


def test_cpu_time_counts_children_and_not_waiting() -> None:
    burn = [sys.executable, "-c", "sum(range(10_000_000))"]
    pair = paired(lambda: subprocess.run(burn, check=True), lambda: time.sleep(0.2), 1, str)
    busy, idle = pair.cpu
    assert busy > 0.05 > idle
    assert pair.theirs.middle >= 0.2
