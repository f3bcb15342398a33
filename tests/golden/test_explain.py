"""A changed digest comes with what changed in the plan, and totals tell plans apart."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from explain import explain
from summary import summary

from bloomery.plan import Plan, make_plan
from bloomery.site import load

SITE = Path(__file__).parents[2] / "inventories" / "example-64"


def shorter() -> Plan:
    """The plan of the example without its last machine."""
    site = load(SITE)
    return make_plan(site.model_copy(update={"machines": site.machines[:-1]}))


def test_the_difference_is_named(tmp_path: Path) -> None:
    committed = ["git", "show", "HEAD:tests/golden/example-64/digest.txt"]
    kept = subprocess.check_output(committed, cwd=SITE, text=True).strip()
    said = explain("example-64", kept, shorter(), tmp_path)
    assert f"bloomery plan diff {tmp_path}/old.json {tmp_path}/new.json --all" in said
    assert "machines" in said and "removed" in said and "h100-016" in said


def test_a_digest_nobody_gives_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explain.TRIED", 1)
    said = explain("example-64", "0" * 64, shorter(), tmp_path)
    assert str(tmp_path / "new.json") in said and "none of the last 1 commits" in said


def test_totals_tell_which_part_is_another_one() -> None:
    plan = make_plan(load(SITE))
    nodes = (replace(plan.metal.nodes[0], rack="r99"), *plan.metal.nodes[1:])
    moved = replace(plan, metal=replace(plan.metal, nodes=nodes))
    before, after = summary(plan).splitlines(), summary(moved).splitlines()
    changed = [old for old, new in zip(before, after, strict=True) if old != new]
    assert [line.split()[0] for line in changed] == ["metal.nodes"]


def test_totals_count_what_was_taken_away() -> None:
    before, after = summary(make_plan(load(SITE))), summary(shorter())
    assert "64" in next(line for line in before.splitlines() if "machines" in line)
    assert "63" in next(line for line in after.splitlines() if "machines" in line)
