"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bloomery.check.note import Note, Severity
from bloomery.check.preconditions import Precondition
from bloomery.plan.model import Plan


@dataclass(frozen=True)
class Rule:
    """One rule: its name, where its limit comes from, and the function that applies it."""

    id: str
    title: str
    """What must hold, in a line."""
    source: str
    """Where the limit comes from."""
    findings: Callable[[Plan], Iterable[Finding]]
    """Everything that does not hold."""
    preconditions: tuple[Precondition, ...] = ()
    """What a plan must have for the rule to judge anything; empty: every plan has it."""

    def lacks(self, plan: Plan) -> Precondition | None:
        """The first thing the rule would look at and ``plan`` has not: its silence is no pass."""
        return next((it for it in self.preconditions if not it.there(plan)), None)

    def passes_by(self, plan: Plan) -> Mapping[Precondition, Sequence[str]]:
        """Devices of ``plan`` that the rule says nothing of, by what they lack."""
        if self.lacks(plan):
            return {}
        found = {it: tuple(it.without(plan)) for it in self.preconditions}
        return {it: devices for it, devices in found.items() if devices}

    def apply(self, plan: Plan) -> tuple[Note, ...]:
        """Notes on ``plan``, in the order the rule finds them."""
        return tuple(self.note(found) for found in self.findings(plan))

    def note(self, found: Finding) -> Note:
        """The finding with the rule's id and source."""
        return Note(
            id=self.id,
            severity=found.severity,
            subject=found.subject,
            value=found.value,
            limit=found.limit,
            margin=found.margin,
            source=self.source,
            remedy=found.remedy,
        )


@dataclass(frozen=True)
class Finding:
    """What a rule says about one subject; the rule adds its id and source."""

    subject: str
    value: str
    limit: str
    remedy: str
    margin: str = ""
    severity: Severity = Severity.ERROR
