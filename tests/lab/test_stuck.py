"""Some machines are not well: the others finish, and each stuck one says why and what next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lab_under_test import Pool, Story, changes, write_site

Begin = Callable[..., Story]
SICK = {
    "node-02": ("post-hang", "POST"),
    "node-04": ("account-locked", "lock"),
    "node-07": ("ssh-refused", "ssh"),
}


def test_three_of_eight_are_stuck(story: Begin, tmp_path: Path) -> None:
    """Hung in POST, locked BMC, ssh refused: five finish, three say why, up fails; then repair."""
    write_site(tmp_path / "inventories", "eight", 97, (Pool("node", 8),))
    told = story("eight", patience=0.02)
    told.lab_up()
    told.ready()
    for node, (fault, _) in SICK.items():
        told.fault(node, fault)
    done = told.up()
    assert done.returncode != 0
    seen = told.resources()
    for number in range(1, 9):
        node = f"node-{number:02d}"
        assert seen[node]["ready"] is (node not in SICK), seen[node]
    for node, (_, word) in SICK.items():
        assert word.lower() in str(seen[node]["reason"]).lower(), seen[node]
        assert seen[node]["nextStep"]
        line = next(line for line in done.stdout.splitlines() if f"* {node}: fail" in line)
        assert "next: " in line
    well = [f"node-{n:02d}" for n in range(1, 9) if f"node-{n:02d}" not in SICK]
    before = {node: len(told.journal(node)) for node in well}
    for node in SICK:
        told.clear(node)
        told.force_off(node)
    repaired = told.up()
    assert repaired.returncode == 0, repaired.stdout
    assert changes(repaired)["updated"] == len(SICK) + 1, "the three and the acceptance"
    assert {node: len(told.journal(node)) for node in well} == before, "the well were left alone"
    assert all(told.resources()[f"node-{n:02d}"]["ready"] for n in range(1, 9))
