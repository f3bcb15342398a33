"""Shipped sites with hostile values: refused with a line, or planned and checked, no traceback.

``BLOOMERY_FUZZ_ROUNDS=50 pytest tests/independent/test_hostile_values.py`` does fifty rounds, each
with another value for every key; the usual one is a part of a minute.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hostile import VALUES, Case, cases

from bloomery.check import review
from bloomery.errors import FaultsError
from bloomery.plan import make_plan
from bloomery.site import load

INVENTORIES = Path(__file__).parents[2] / "inventories"
SITES = sorted(path.parent for path in INVENTORIES.glob("*/site.yaml"))
ROUNDS = int(os.environ.get("BLOOMERY_FUZZ_ROUNDS", "1"))

LARGE = {"example-su64": 12}
"""Sites of which a round changes a few keys only: two thousand machines take seconds to plan."""

KEYS = {
    "example-64": 42,
    "example-gb300": 133,
    "example-municipal": 133,
    "example-su1": 115,
    "example-su64": 12,
    "example-whole": 299,
    "lab": 76,
    "lab-metal": 68,
}
"""Cases of one round. A key more in a shipped site is a case more: count it here."""


class Hostile:
    """Tells what became of each case."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.came_to: Counter[str] = Counter()
        self.wrong: list[str] = []

    def run(self, case: Case) -> None:
        """Load, plan and check one changed site."""
        (self.folder / "site.yaml").write_text(case.sheet, encoding="utf-8")
        (self.folder / "machines.csv").write_text(case.rows, encoding="utf-8")
        try:
            self.came_to[_planned(self.folder, case.draft)] += 1
        except FaultsError as error:
            self.came_to["refused"] += 1
            if not error.faults or any(it.line < 1 or not it.reason for it in error.faults):
                self.wrong.append(f"{case}: no line: {error}")
        except Exception as error:
            self.wrong.append(f"{case}: {type(error).__name__}: {str(error)[:200]}")


def _planned(folder: Path, draft: bool) -> str:
    plan = make_plan(load(folder, draft=draft))
    json.loads(plan.to_json(), parse_constant=_no_number)
    review(plan)
    return "planned"


def _no_number(word: str) -> float:
    raise AssertionError(f"{word} in a plan")


@pytest.fixture
def hostile(tmp_path: Path) -> Hostile:
    """In a folder that no national file binds."""
    return Hostile(tmp_path)


@pytest.mark.parametrize("site", SITES, ids=lambda it: it.name)
def test_no_value_leads_to_a_traceback(site: Path, hostile: Hostile) -> None:
    for seed in range(ROUNDS):
        before = hostile.came_to.total() + len(hostile.wrong)
        for case in cases(site, seed, LARGE.get(site.name)):
            hostile.run(case)
        done = hostile.came_to.total() + len(hostile.wrong) - before
        assert done == KEYS[site.name]
    print(f"{site.name}: {dict(hostile.came_to)}")
    assert hostile.wrong == []
    assert hostile.came_to["refused"] > hostile.came_to.total() // 2


@pytest.mark.parametrize("site", [it for it in SITES if it.name in ("lab", "example-64")])
def test_no_value_held_against_a_lock_leads_to_a_traceback(site: Path, tmp_path: Path) -> None:
    """Beside the national file, which exempts examples and labs and no other name."""
    shutil.copyfile(INVENTORIES / "national.yaml", tmp_path / "national.yaml")
    (tmp_path / "kyiv").mkdir()
    hostile = Hostile(tmp_path / "kyiv")
    for case in cases(site, 1000):
        hostile.run(case)
    assert hostile.wrong == []
    assert hostile.came_to == {"refused": KEYS[site.name]}


def test_what_is_changed_is_changed_and_all_values_have_their_turn() -> None:
    """Of the sites that are changed in every key, over twenty rounds."""
    used: Counter[str] = Counter()
    for site in SITES:
        same = [(site / name).read_text("utf-8") for name in ("site.yaml", "machines.csv")]
        for seed in range(20):
            for case in cases(site, seed, LARGE.get(site.name)):
                assert [case.sheet, case.rows] != same, str(case)
                used[case.value] += 1
    assert set(VALUES) - set(used) == set()


def test_the_same_seed_gives_the_same_cases() -> None:
    lab = INVENTORIES / "lab"
    assert list(cases(lab, 1)) == list(cases(lab, 1)) != list(cases(lab, 2))


def test_a_traceback_and_a_fault_without_a_line_are_found(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = next(iter(cases(INVENTORIES / "lab", 0)))
    monkeypatch.setattr("test_hostile_values.make_plan", lambda site: 1 / 0)
    good = [(INVENTORIES / "lab" / it).read_text("utf-8") for it in ("site.yaml", "machines.csv")]
    hostile.run(replace(case, sheet=good[0], rows=good[1]))
    assert hostile.wrong == [f"{case}: ZeroDivisionError: division by zero"]
