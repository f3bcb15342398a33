"""Every finding of every case is one that the rule says it can judge."""

from __future__ import annotations

import pytest

from bloomery.check import Note, Rule
from bloomery.plan import Plan


@pytest.fixture(autouse=True)
def _no_finding_without_its_need(monkeypatch: pytest.MonkeyPatch) -> None:
    apply = Rule.apply

    def watched(self: Rule, plan: Plan) -> tuple[Note, ...]:
        notes = apply(self, plan)
        lacking = self.lacks(plan)
        assert not (notes and lacking), f"{self.id} judges without {lacking}: {notes}"
        return notes

    monkeypatch.setattr(Rule, "apply", watched)
