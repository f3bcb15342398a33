"""What stops an update before its first resource."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pulumi
import pytest
from mock_engine import STACKS

from bloomery.plan import Plan, make_plan
from bloomery.plan.impact import Impact, impact
from bloomery.site import ENV_INVENTORIES, load

MODULES = ("prepare", "layers")
"""Of the programme."""

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture
def programme(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModuleType]:
    monkeypatch.setenv(ENV_INVENTORIES, str(GOLDEN))
    monkeypatch.setenv("BLOOMERY_STATE", str(tmp_path))
    monkeypatch.syspath_prepend(STACKS)
    for name in MODULES:  # set-up has a package called prepare, which other tests import
        monkeypatch.delitem(sys.modules, name, raising=False)
    import prepare

    yield prepare
    for name in MODULES:
        sys.modules.pop(name, None)


def renumbered(plan: Plan) -> Impact:
    """The impact on a site where row B was 17 and 18."""
    before = tuple(
        replace(rack, number=rack.number - 34) if rack.name[0] == "B" else rack
        for rack in plan.metal.racks
    )
    return impact(replace(plan, metal=replace(plan.metal, racks=before)), plan)


def test_numbers_that_move_under_machines_are_refused(
    programme: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = renumbered(make_plan(load(GOLDEN / "hall")))
    monkeypatch.setattr(programme, "change", lambda plan, state: found)
    with pytest.raises(pulumi.RunError) as caught:
        programme.prepare("hall")
    assert "follow rack numbers: B01 17 -> 51" in str(caught.value)
    assert "write number: 17 on B01" in str(caught.value)


def test_numbers_that_hold_are_not(programme: ModuleType) -> None:
    assert callable(programme.prepare("hall"))
