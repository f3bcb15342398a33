"""``kill -9`` of each part in each phase; recovery is ``pulumi cancel``, ``pulumi up``.

One node is killed through all of its phases in a row, so that each recovery is itself
killed in the next phase, and the machine must end installed exactly once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from environment import HANGS_S
from killing import await_phase, gone, kill
from lab_under_test import Pool, Story, write_site

from bloomery.provider.phases.node.bringup import PHASES

Begin = Callable[[str], Story]
NAMES = PHASES
ORPHANS_END_WITHIN = 5.0


def recover(told: Story) -> None:
    """What the documentation says: cancel, then up."""
    told.pulumi("cancel", "--yes", told.name)


@pytest.mark.parametrize(("victim", "block"), [("engine", 94), ("provider", 95)])
def test_killed_in_every_phase_in_a_row(
    story: Begin, tmp_path: Path, victim: str, block: int
) -> None:
    """Engine or provider killed in each phase: nothing is left behind, one installation."""
    name = f"kill-{victim}"
    bios = {"WorkloadProfile": "MaxPerformance"}
    write_site(tmp_path / "inventories", name, block, (Pool("node", 1),), bios=bios)
    told = story(name)
    told.lab_up()
    told.ready()
    for phase in NAMES:
        skip = len(told.journal("node-01"))
        engine = told.start("up", "--yes", "--skip-preview")
        assert await_phase(told, "node-01", phase, skip, engine, 60), f"{phase} never began"
        orphans = kill(victim, engine, told)
        engine.wait(60)
        assert gone(orphans, ORPHANS_END_WITHIN), f"orphans after {victim} died in {phase}"
        recover(told)
    done = told.up()
    assert done.returncode == 0, done.stdout
    assert told.resources()["node-01"]["ready"] is True
    assert told.installations("node-01") == 1, "a destructive step was repeated"


def test_emulator_killed_in_every_phase(story: Begin, tmp_path: Path) -> None:
    """The BMC's own firmware dies in each phase of an installation and comes back."""
    write_site(tmp_path / "inventories", "kill-emu", 96, (Pool("node", 1),))
    told = story("kill-emu")
    told.lab_up()
    told.ready()
    for generation, phase in enumerate(NAMES, start=1):
        write_site(
            tmp_path / "inventories", "kill-emu", 96, (Pool("node", 1),), generation=generation
        )
        skip = len(told.journal("node-01"))
        engine = told.start("up", "--yes", "--skip-preview")
        assert await_phase(told, "node-01", phase, skip, engine, 60), f"{phase} never began"
        kill("emulator", engine, told)
        told.lab_up()
        said = engine.communicate(timeout=HANGS_S)[0]
        if engine.returncode:
            recover(told)
            again = told.up()
            assert again.returncode == 0, said + again.stdout
        assert told.resources()["node-01"]["ready"] is True, f"after {phase}: {said}"
        begun = [e for e in told.journal("node-01") if e["phase"] == "install"]
        proven = [e for e in begun if e["event"] == "verified"]
        assert len(proven) == generation, f"after {phase}: {proven}"
