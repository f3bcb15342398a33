"""Equal findings of many devices are one note; the plan of equal racks stays readable."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bloomery.check import Note, Severity, together

ONE = Note(
    id="P3",
    severity=Severity.WARNING,
    subject="A01 on ups-a",
    value="25% phase imbalance",
    limit="10% advised",
    margin="-15%",
    source="a sheet",
    remedy="move machines",
)


def test_equal_findings_are_one_and_every_subject_is_named() -> None:
    other = replace(ONE, id="P1", subject="A03")
    notes = (ONE, other, replace(ONE, subject="A02 on ups-a"))
    assert together(notes) == (replace(ONE, subject="A01 on ups-a, A02 on ups-a"), other)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "P2"},
        {"severity": Severity.ERROR},
        {"value": "24% phase imbalance"},
        {"limit": "15% advised"},
        {"margin": "-14%"},
        {"source": "another sheet"},
        {"remedy": "a larger circuit"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_differs_in_more_than_the_subject_stays_apart(change: dict[str, str]) -> None:
    notes = (ONE, replace(ONE, subject="A02 on ups-a", **change))
    assert together(notes) == notes
