"""Every victim, every phase, five seeds: for ``make soak``, not for every day."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from building import Pool, Story, write_site
from killing import await_phase, gone, kill

from bloomery.provider.phases.bringup import PHASES

Begin = Callable[[str], Story]
NAMES = tuple(name for name, _ in PHASES)

PLACE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
"""Number of this process among those that share the work; each has addresses of its own."""

BLOCK = 110
"""Addresses of the first process: 127.110.*."""


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
        engine.communicate(timeout=300)
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
