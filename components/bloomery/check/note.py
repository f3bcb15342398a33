"""A finding on a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """``ERROR`` stops a stack before any resource is registered; ``WARNING`` shows in preview."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Note:
    """One finding of one rule."""

    id: str
    """Rule, for example ``P1``."""
    severity: Severity
    subject: str
    """Whom it concerns: a node, a rack, a run."""
    value: str
    """What the plan says, with its unit."""
    limit: str
    """What would have passed."""
    margin: str
    """Distance to the limit, negative when beyond it; empty where nothing is measured."""
    source: str
    """Where the limit comes from."""
    remedy: str
    """What to change."""

    def __str__(self) -> str:
        """One line a person can act on."""
        margin = f" (margin {self.margin})" if self.margin else ""
        head = f"{self.id} {self.severity.value} {self.subject}: {self.value}; limit {self.limit}"
        return f"{head}{margin}; {self.remedy} [{self.source}]"

    def as_dict(self) -> dict[str, str]:
        """Plain JSON values."""
        return {**asdict(self), "severity": self.severity.value}


def together(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Notes that differ in their subject only become one, which names every subject.

    A site of equal racks has the same finding in each; it stands where the first of them stood.
    """
    subjects: defaultdict[Note, list[str]] = defaultdict(list)
    for note in notes:
        subjects[replace(note, subject="")].append(note.subject)
    return tuple(replace(note, subject=", ".join(named)) for note, named in subjects.items())
