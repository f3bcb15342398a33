"""Outcome, reason and next step of one machine, by its journal and its verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest
import scenes

from bloomery.records import Outcome, Verdict
from bloomery.report.view import NodeView

STUCK = {"train-01": ("boot", "POST did not end within 1200 s", "reset the BMC, then pulumi up")}


def scene(folder: Path, stuck: dict[str, tuple[str, str, str]] | None = None) -> scenes.Scene:
    """The lab, brought up as far as it goes."""
    made = scenes.Scene(folder, scenes.plan_of("lab"), stuck or {})
    made.bring_up()
    return made


def shown(made: scenes.Scene, name: str = "train-01") -> NodeView:
    return next(node for node in made.view().nodes if node.name == name)


def said(outcome: Outcome, reason: str) -> Verdict:
    """A verdict of a kind that the report has never heard of."""
    return Verdict("acceptance.burned-in", "train-01", outcome, reason, "", None)


def test_a_stuck_machine_says_reason_and_next_step_apart(tmp_path: Path) -> None:
    """The verdict repeats the journal, with the phase before it and the next step behind."""
    made = scene(tmp_path, STUCK)
    made.measure(9)
    node = shown(made)
    phase, reason, next_step = STUCK["train-01"]
    assert (node.phase, node.reason, node.next_step) == (phase, reason, next_step)
    assert node.outcome is Outcome.FAIL


def test_a_stuck_machine_fails_before_anything_is_measured(tmp_path: Path) -> None:
    made = scene(tmp_path, STUCK)
    assert shown(made).outcome is Outcome.FAIL
    assert shown(made, "train-02").outcome is Outcome.NOT_MEASURED
    assert shown(made, "train-02").reason == "nothing was measured yet"


def test_a_machine_found_well_after_it_was_stuck_has_no_reason_left(tmp_path: Path) -> None:
    """A refresh writes no journal: the measurement is newer."""
    made = scene(tmp_path, STUCK)
    made.stuck = {}
    made.measure(9)
    node = shown(made)
    assert (node.outcome, node.reason, node.next_step) == (Outcome.PASS, "", "")
    assert node.phase == "boot", "the last phase its journal knows"


def test_a_newer_reason_is_shown_instead_of_the_journals(tmp_path: Path) -> None:
    made = scene(tmp_path, STUCK)
    made.stuck = {"train-01": ("boot", "found powered Off", "pulumi up")}
    made.measure(9)
    node = shown(made)
    assert node.reason == "stuck in boot: found powered Off; next: pulumi up"
    assert node.next_step == ""


def test_every_reason_is_shown(tmp_path: Path) -> None:
    made = scene(tmp_path, STUCK)
    made.measure(9, more=[said(Outcome.FAIL, "2 GPUs throttled")])
    assert shown(made).reason == "POST did not end within 1200 s; 2 GPUs throttled"


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.NOT_MEASURED])
def test_one_check_that_does_not_pass_decides(tmp_path: Path, outcome: Outcome) -> None:
    made = scene(tmp_path)
    made.measure(9, more=[said(outcome, "no sensor")])
    assert (shown(made).outcome, shown(made).reason) == (outcome, "no sensor")
    assert shown(made, "train-02").outcome is Outcome.PASS


def test_a_machine_the_measurement_leaves_out_is_not_measured(tmp_path: Path) -> None:
    made = scene(tmp_path)
    made.measure(9)
    path = next((tmp_path / "evidence" / "measurements").glob("*.json"))
    path.write_text(path.read_text().replace('"subject": "train-01"', '"subject": "train-09"'))
    node = shown(made)
    assert node.outcome is Outcome.NOT_MEASURED
    assert node.reason == "the latest measurement has no verdict on this machine"


def test_a_measured_machine_without_a_journal_is_not_called_not_started(tmp_path: Path) -> None:
    made = scenes.Scene(tmp_path, scenes.plan_of("lab"))
    assert shown(made).phase == "not started"
    made.measure(9)
    assert (shown(made).phase, shown(made).outcome) == ("no journal", Outcome.PASS)
