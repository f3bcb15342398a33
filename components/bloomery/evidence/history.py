"""What ``pulumi stack history --json`` says was done to the stack.

Self-managed backends give every entry the version 0, so an entry is known by its kind,
start, end and result together.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bloomery.errors import EvidenceError

SUCCEEDED = "succeeded"
"""Result of an update that went through."""

UNDER_WAY = "in-progress"
"""Result of an update that has not ended; nothing to seal yet."""


class Update(BaseModel):
    """One entry of the history, without its configuration and environment."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int
    kind: str
    """``update``, ``refresh``, ``destroy``, ``import``..."""
    startTime: str  # noqa: N815  # the engine's own spelling
    endTime: str = ""  # noqa: N815
    result: str = ""
    resourceChanges: Mapping[str, int] = {}  # noqa: N815

    @property
    def key(self) -> tuple[int, str, str, str, str]:
        """What tells this entry from every other."""
        return (self.version, self.kind, self.startTime, self.endTime, self.result)

    @property
    def started(self) -> datetime.datetime:
        """When it began. Raises ValueError for a time that cannot be read."""
        return datetime.datetime.fromisoformat(self.startTime)

    @property
    def changed(self) -> bool:
        """Whether it did anything but look: an entry without counts is taken to have."""
        kinds = {kind for kind, count in self.resourceChanges.items() if count}
        return not kinds or not kinds <= {"same", "read"}

    def __str__(self) -> str:
        return f"{self.kind} of {self.startTime} ({self.result or 'no result'})"


_SHAPE = TypeAdapter(tuple[Update, ...])


def parse_history(text: str | bytes, source: str = "history") -> tuple[Update, ...]:
    """Entries, oldest first. Raises EvidenceError when the text is no such list."""
    try:
        found = _SHAPE.validate_json(text)
    except ValidationError as error:
        reason = f"not the output of pulumi stack history --json: {error.errors()[0]['msg']}"
        raise EvidenceError(reason, subject=source) from None
    return tuple(sorted(found, key=lambda update: (update.startTime, update.endTime)))


def read_history(path: Path) -> tuple[Update, ...]:
    """Entries from a file, oldest first. Raises EvidenceError."""
    return parse_history(path.read_bytes(), path.name)
