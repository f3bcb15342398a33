"""Checks of the plan: rules with ids that read a finished plan and return notes.

``review(plan)`` runs every rule. A rule never trusts the planner: it computes again
from the plan's own values.

What must not live here: loading, planning, law (policies judge that), devices.
"""

from __future__ import annotations

from bloomery.check.note import Note, Severity, together
from bloomery.check.preconditions import Precondition
from bloomery.check.review import RULES, InPart, errors, judged_in_part, review, unjudged
from bloomery.check.rule import Rule

__all__ = [
    "RULES",
    "InPart",
    "Note",
    "Precondition",
    "Rule",
    "Severity",
    "errors",
    "judged_in_part",
    "review",
    "together",
    "unjudged",
]
