"""The parts an outcome rests on, each judged by itself from the facts."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from bloomery.evidence.facts import Facts, Provenance
from bloomery.evidence.history import SUCCEEDED, Update
from bloomery.evidence.judging import Part, worst
from bloomery.evidence.measurement import Filed
from bloomery.records import Outcome

NEVER = Part("update", Outcome.NOT_MEASURED, "no update is sealed yet")
"""The update part of a chain without updates."""


@dataclass(frozen=True)
class Before:
    """What the record before rests on; empty for the first."""

    measured_by: str = ""
    update: Part = NEVER
    covered: frozenset[str] = frozenset()
    """Files of all measurements that are sealed already."""


def update(facts: Facts, updates: tuple[Update, ...], before: Before) -> Part:
    """Whether the newest update went through. Without a new one the last outcome is kept."""
    if facts.history is None:
        return Part("update", Outcome.NOT_MEASURED, "the stack's history could not be read")
    if not updates:
        return before.update
    last = updates[-1]
    outcome = Outcome.PASS if last.result == SUCCEEDED else Outcome.FAIL
    return Part("update", outcome, "" if outcome is Outcome.PASS else str(last))


def policies(facts: Facts) -> Part:
    """Whether the policies accept this very plan. Not run is not measured."""
    report = facts.policies
    if report is None:
        return Part("policies", Outcome.NOT_MEASURED, "no policy was run")
    if report.plan_digest != facts.plan_digest:
        return Part("policies", Outcome.NOT_MEASURED, "policies were run on another plan")
    bad = [rule for rule in report.rules if rule.outcome is report.outcome]
    reason = f"{bad[0].rule}: {bad[0].reason}" if bad else "no mandatory rule was run"
    return Part("policies", report.outcome, "" if report.outcome is Outcome.PASS else reason)


def acceptance(facts: Facts, updates: tuple[Update, ...], before: Before) -> tuple[str, Part]:
    """File of the measurement that is valid for the site as it is now, and its outcome.

    The newest measurement is valid as long as nothing changed after it was taken. An update
    that found everything unchanged keeps it valid.
    """
    filed = facts.measurements[-1] if facts.measurements else None
    reason = _silenced(filed, facts, updates, before)
    if filed is None or reason:
        return "", Part("acceptance", Outcome.NOT_MEASURED, reason)
    verdicts = filed.measurement.verdicts
    outcome = worst(verdict.outcome for verdict in verdicts)
    bad = [verdict for verdict in verdicts if verdict.outcome is outcome]
    reason = f"{bad[0].subject}: {bad[0].reason}" if bad else "nothing was measured"
    return filed.file, Part("acceptance", outcome, "" if outcome is Outcome.PASS else reason)


def _silenced(
    filed: Filed | None, facts: Facts, updates: tuple[Update, ...], before: Before
) -> str:
    """Why the newest measurement is not valid for the site now; empty when it is."""
    if filed is None:
        return "nothing was measured"
    if filed.measurement.plan_digest != facts.plan_digest:
        return "measured on another plan"
    if facts.history is None:
        return "the stack's history could not be read"
    changes = [entry for entry in updates if entry.changed]
    if not changes:
        stands = filed.file not in before.covered or filed.file == before.measured_by
        return "" if stands else "nothing was measured since the last change"
    taken = datetime.datetime.fromisoformat(filed.measurement.time)
    if taken < changes[-1].started:
        return f"nothing was measured after the {changes[-1]}"
    return ""


def provenance(found: Provenance) -> Part:
    """Whether one can name the commit and who wrote it."""
    if not found.commit or not found.author:
        return Part("provenance", Outcome.NOT_MEASURED, "not brought up from a git checkout")
    if found.dirty:
        reason = "the checkout had uncommitted changes"
        return Part("provenance", Outcome.NOT_MEASURED, reason)
    return Part("provenance", Outcome.PASS)
