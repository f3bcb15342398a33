"""What cannot stand beside what a NetBox has: gathered, so that all of it is told at once."""

from __future__ import annotations

from bloomery.errors import Fault


class Clashes:
    """Faults of one export."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.faults: list[Fault] = []

    def add(self, subject: str, reason: str, hint: str) -> None:
        """``subject`` is the kind of object and its name."""
        self.faults.append(Fault(self._source, 0, subject, reason, hint))
