"""Every victim, every phase, five seeds: for ``make soak``, not for every day."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from environment import HANGS_S
from killing import WORKER, await_phase, gone, kill, with_words
from lab_under_test import Pool, Story, write_site

from bloomery.provider.phases.node.bringup import PHASES

Begin = Callable[[str], Story]
NAMES = PHASES

PLACE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
"""Number of this process among those that share the work; each has addresses of its own."""

BLOCK = 110
"""Addresses of the first process: 127.110.*."""

GUESTS = 130
"""The same where hosts are real: 127.130.* and 10.130.*."""

CONVERGE_S = 8
"""Less than a first converge takes anywhere, so that a moment in it can be drawn."""


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("phase", NAMES)
@pytest.mark.parametrize("victim", ["engine", "provider", "emulator"])
def test_any_kill_at_any_moment(
    story: Begin, tmp_path: Path, victim: str, phase: str, seed: int
) -> None:
    """Kill at a random moment after a phase began; cancel and up end with one installation."""
    site = f"soak-{PLACE}"
    write_site(tmp_path / "inventories", site, BLOCK + PLACE, (Pool("node", 2),))
    told = story(site)
    told.lab_up()
    told.ready()
    engine = told.start("up", "--yes", "--skip-preview")
    if await_phase(told, "node-01", phase, 0, engine, 60):
        time.sleep(random.Random(f"{victim}{phase}{seed}").uniform(0, 0.5))
        orphans = kill(victim, engine, told)
        if victim == "emulator":
            told.lab_up()
        engine.communicate(timeout=HANGS_S)
        assert gone(orphans, 5.0)
    told.pulumi("cancel", "--yes", told.name)
    done = told.up()
    assert done.returncode == 0, done.stdout
    for node in ("node-01", "node-02"):
        assert told.resources()[node]["ready"] is True
        proven = [
            e for e in told.journal(node) if e["event"] == "verified" and e["phase"] == "install"
        ]
        assert len(proven) == 1, proven
        if victim != "emulator":  # an installer that died with its machine is laid down again
            assert told.installations(node) == 1


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_a_runner_killed_at_any_moment(story: Begin, tmp_path: Path, seed: int) -> None:
    """Kill Ansible's worker somewhere in the first converge of a host: the next up ends it."""
    site = f"soak-guest-{PLACE}"
    pools = (Pool("node", 1, "lab-node", "management"),)
    write_site(tmp_path / "inventories", site, GUESTS + PLACE, pools, runs=("base",))
    told = story(site)
    told.lab_up()
    told.ready()
    engine = told.start("up", "--yes", "--skip-preview")
    while engine.poll() is None and not with_words(engine.pid, WORKER):
        time.sleep(0.05)
    time.sleep(random.Random(seed).uniform(0, CONVERGE_S))
    below = with_words(engine.pid, WORKER) + with_words(engine.pid, "ansible-playbook")
    assert below, "the run was over before it could be killed"
    kill("runner", engine, told)
    said = engine.communicate(timeout=HANGS_S)[0]
    assert gone(below, 5.0), said
    assert engine.returncode != 0, said
    told.pulumi("cancel", "--yes", told.name)
    done = told.up()
    assert done.returncode == 0, done.stdout
    assert told.resources()["run-base-node"]["incomplete"] == []
    assert told.installations("node-01") == 1
