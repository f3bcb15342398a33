"""Hundreds of machines: the critical path, who is faulty, and whether every end is told right."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bench.critical_path import Way, least, metal, scaled, shortest, way_of
from bench.ground import write_site
from bench.mixed_site import groups
from bench.process_tree import Used, part_of, summed
from bench.sick_machines import KINDS, Outcome, choose, judge
from bloomery.drivers.redfish.fake.personalities import PERSONALITIES
from bloomery.drivers.redfish.fake.personality import STANDARD
from bloomery.lab.delays import Delays
from bloomery.provider.phases.node.bringup import PHASES
from bloomery.provider.phases.node.limits import LIMITS
from bloomery.site import load

SIX = [Way(1, 10, 3)] * 6


@pytest.mark.parametrize(
    ("ways", "places", "path"),
    [
        ([], 2, 0),
        (SIX[:1], 2, 14),
        (SIX, 6, 14),
        (SIX, 2, 34),  # 1 + three rounds of 10 + 3
        ([Way(30, 0, 0), *SIX[:2]], 1, 30),  # one that never installs holds no place
        ([Way(0, 10, 0), Way(0, 50, 0), Way(0, 10, 40)], 2, 60),
    ],
)
def test_the_path_follows_the_places(ways: list[Way], places: int, path: float) -> None:
    assert shortest(ways, places) == path
    assert least(ways, places) <= path


def test_a_bad_order_is_longer_than_what_no_order_beats() -> None:
    ways = [Way(0, 10, 0)] * 4 + [Way(0, 20, 0)]
    assert (shortest(ways, 2), least(ways, 2)) == (40, 30)
    assert shortest(ways[::-1], 2) == 30


def test_a_machine_on_metal_is_always_the_same_and_scales() -> None:
    one = metal(1, "gb200-0001")
    assert one == metal(1, "gb200-0001") != metal(2, "gb200-0001")
    assert 60 <= one.install <= 360
    assert scaled(one, 0.5) == Delays(one.post / 2, one.install / 2, one.start / 2)


def test_ways_use_up_the_limit_of_the_phase_they_end_in() -> None:
    delays, kinds = Delays(10, 100, 5), {kind.name: kind for kind in KINDS}
    slow = replace(STANDARD, media=replace(STANDARD.media, seconds=4.0))
    assert way_of(delays, slow, None, LIMITS) == Way(4, 110, 15)
    assert way_of(delays, slow, kinds["is busy at first"], LIMITS) == Way(4, 110, 15)
    assert way_of(delays, slow, kinds["hangs in POST"], LIMITS) == Way(4, LIMITS["boot"], 0)
    assert way_of(delays, slow, kinds["is another machine"], LIMITS) == Way(0, 0, 0)
    media = way_of(delays, slow, kinds["answers 500 for its media"], LIMITS)
    assert media == Way(LIMITS["media"], 0, 0)
    refuses = way_of(delays, slow, kinds["refuses ssh"], LIMITS)
    assert refuses == Way(4, 110, 10 + LIMITS["reachable"])
    cut = way_of(delays, slow, kinds["loses power while it installs"], LIMITS)
    assert cut == Way(4, 10, LIMITS["boot"])


def test_kinds_name_phases_that_are_there() -> None:
    for kind in KINDS:
        assert set(kind.phases) <= set(PHASES) and kind.waits in ("", *LIMITS)
        assert re.compile(kind.reason) and (kind.end != "stuck" or kind.phases)


def test_machines_are_shared_out_and_chosen_by_the_seed() -> None:
    machines = {f"{g.name}-{n}": g.personality for g in groups(512) for n in range(g.count)}
    assert len(machines) == 512 and set(machines.values()) == set(PERSONALITIES)
    sick = choose(machines, 1)
    assert sick == choose(machines, 1) != choose(machines, 2)
    assert len(sick) == 26 and {kind.name for kind in sick.values()} == {k.name for k in KINDS}
    for name, kind in sick.items():
        assert PERSONALITIES[machines[name]].writing.progress not in kind.not_with


def test_each_pool_reads_media_as_its_bmcs_can(tmp_path: Path) -> None:
    for pool in load(write_site(tmp_path, "mixed", groups(24))).pools:
        shown = PERSONALITIES[pool.personality or STANDARD.name]
        assert pool.media_transport in shown.media.schemes, pool.name


GOOD = Outcome("reachable", ready=True)
KIND = {kind.name: kind for kind in KINDS}
HANGS = Outcome("install", reason="POST has not ended (BootProgress X)")


@pytest.mark.parametrize(
    ("kind", "found", "said", "wrong"),
    [
        ("", GOOD, "", ""),
        ("", HANGS, "m is stuck in install", "stuck in install"),
        ("", None, "", "hidden"),
        ("is busy at first", GOOD, "", ""),
        ("hangs in POST", HANGS, "m is stuck in install: ...", ""),
        ("hangs in POST", HANGS, "all is well", "hidden"),
        ("hangs in POST", GOOD, "", "is called ready"),
        ("hangs in POST", replace(HANGS, phase="boot"), "m is stuck in boot", "wrong reason"),
        ("hangs in POST", replace(HANGS, reason="no answer"), "", "wrong reason"),
        ("is another machine", None, "m: BMC MAC is x, not y", ""),
        ("is another machine", None, "n: BMC MAC is x, not y", "hidden"),
        ("is another machine", GOOD, "", "is in the state"),
    ],
)
def test_every_end_is_judged(kind: str, found: Outcome | None, said: str, wrong: str) -> None:
    told = judge(["m"], {"m": KIND[kind]} if kind else {}, {"m": found} if found else {}, said)
    assert [wrong in line for line in told] == ([True] if wrong else [])


def test_processes_are_told_apart_and_summed() -> None:
    assert part_of(["/venv/bin/pulumi", "up"]) == "engine"
    assert part_of(["/x/pulumi-language-python", "-root=/y"]) == "language host"
    assert part_of(["/venv/bin/python", "/x/pulumi-language-python-exec", "--x"]) == "programme"
    assert part_of(["python3.11", "/repo/components/plugin", "127.0.0.1:1"]) == "provider"
    assert part_of(["sh"]) == "other"
    seen = [("provider", Used(1, 10)), ("provider", Used(2, 7)), ("engine", Used(1, 5))]
    assert summed(seen) == {"provider": Used(3, 10), "engine": Used(1, 5)}
