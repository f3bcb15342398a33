"""Every rule of software sets, and their application to sets that no site has ordered yet."""

from __future__ import annotations

from collections.abc import Iterable

from bloomery.check import software_amd, software_nvidia, software_system
from bloomery.check.note import Note, Severity
from bloomery.check.software_rule import SetRule
from bloomery.plan.model import SoftwarePlan

SET_RULES: tuple[SetRule, ...] = (
    *software_system.RULES,
    *software_nvidia.RULES,
    *software_amd.RULES,
)
"""By id."""


def judge(sets: Iterable[SoftwarePlan]) -> tuple[Note, ...]:
    """All notes on the sets: errors first, then by rule. Empty where every rule holds."""
    there = tuple(sets)
    notes = [
        one_rule.rule.note(found)
        for one_rule in SET_RULES
        for one in there
        for found in one_rule.findings(one)
    ]
    found = dict.fromkeys(notes)  # of a model that has several sets one finding is enough
    return tuple(sorted(found, key=lambda note: note.severity is not Severity.ERROR))
