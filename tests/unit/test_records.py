"""Observations, verdicts and results: plain, frozen, and never a pass by default."""

from __future__ import annotations

import ast
import dataclasses
import json
import sys
from pathlib import Path

import pytest

from bloomery import records
from bloomery.records import HostResult, Observation, Outcome, Quality, RunResult, Verdict


def test_verdict_is_json() -> None:
    seen = Observation("n01", "ssh.reachable", True, source_time="2026-11-21T00:00:00Z")
    verdict = Verdict("acceptance.reachable", "n01", Outcome.PASS, "", "answers", seen)
    plain = json.loads(json.dumps(verdict.as_dict()))
    assert plain["outcome"] == "pass"
    assert plain["observation"]["quality"] == "good"
    assert plain["observation"]["value"] is True


def test_not_measured_is_its_own_outcome() -> None:
    assert {outcome.value for outcome in Outcome} == {"pass", "fail", "not_measured"}
    assert {quality.value for quality in Quality} == {"good", "stale", "bad", "absent"}
    assert Verdict("rule", "n01", Outcome.NOT_MEASURED).observation is None


@pytest.mark.parametrize(
    ("result", "converged"),
    [
        (HostResult("n", ok=1), True),
        (HostResult("n", ok=5, changed=2), True),
        (HostResult("n"), False),
        (HostResult("n", ok=5, failed=1), False),
        (HostResult("n", ok=5, unreachable=1), False),
    ],
)
def test_converged_means_answered_and_nothing_failed(result: HostResult, converged: bool) -> None:
    assert result.converged is converged


@pytest.mark.parametrize("value", [Observation("a", "b", 1.0), HostResult("n"), RunResult()])
def test_records_are_frozen(value: object) -> None:
    name = dataclasses.fields(value)[0].name  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, "other")


def test_agents_can_take_it_along() -> None:
    """Standard library only: it runs from a zipapp on a bare machine."""
    tree = ast.parse(Path(records.__file__).read_text())
    imported = {
        (node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    } | {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported <= set(sys.stdlib_module_names)
