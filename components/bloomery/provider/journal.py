"""The journal: one append-only file per subject, written before and after each step.

It is what survives a killed provider and a lost state file. A line is on disk (fsync)
before the destructive step it announces begins.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Event = Literal["begin", "done", "stuck", "intent", "verified"]


@dataclass(frozen=True)
class Entry:
    """One line."""

    t: str
    """When, ISO 8601 in UTC."""
    subject: str
    phase: str
    event: Event
    reason: str = ""
    next: str = ""
    data: dict[str, str | int] = field(default_factory=dict)


def utc_now() -> datetime.datetime:
    """The clock every journal uses unless it is handed another."""
    return datetime.datetime.now(datetime.UTC)


class Journal:
    """The journal of one subject: a machine, a switch, whatever is brought up in phases."""

    def __init__(
        self, folder: Path, subject: str, clock: Callable[[], datetime.datetime] = utc_now
    ) -> None:
        self._path = folder / f"{subject}.jsonl"
        self._subject = subject
        self._clock = clock

    def write(
        self,
        phase: str,
        event: Event,
        *,
        reason: str = "",
        next_step: str = "",
        **data: str | int,
    ) -> None:
        """Append one line and return once it is on disk."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        now = self._clock().isoformat(timespec="milliseconds")
        entry = {"t": now, "subject": self._subject, "phase": phase, "event": event}
        line = json.dumps({**entry, "reason": reason, "next": next_step, "data": data})
        fresh = not self._path.exists()
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            torn = os.fstat(handle).st_size and not self._ends_with_newline()
            os.write(handle, (("\n" if torn else "") + line + "\n").encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        if fresh:
            _sync_folder(self._path.parent)

    def _ends_with_newline(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def entries(self) -> Iterator[Entry]:
        """All lines, oldest first; a line torn by a crash is left out."""
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                yield Entry(**_of_today(json.loads(line)))
            except (ValueError, TypeError):
                continue

    def last(self, phase: str, *events: Event) -> Entry | None:
        """Newest entry of a phase with one of ``events``; None where there is none."""
        found = None
        for entry in self.entries():
            if entry.phase == phase and entry.event in events:
                found = entry
        return found

    def newest(self, *kinds: tuple[str, Event]) -> Entry | None:
        """Newest entry of any of these phases with their event; None where there is none."""
        found = None
        for entry in self.entries():
            if (entry.phase, entry.event) in kinds:
                found = entry
        return found

    def number(self, phase: str, event: Event, key: str) -> int:
        """Number under ``key`` in the newest such entry; 0 where there is none."""
        entry = self.last(phase, event)
        return int(entry.data.get(key, 0)) if entry else 0


def _of_today(said: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON, a line of somebody else
    """A line of any version: in the last release the subject was always a node, and called so."""
    if not isinstance(said, dict):
        raise TypeError("not a line of a journal")
    return {("subject" if key == "node" else key): value for key, value in said.items()}


def _sync_folder(folder: Path) -> None:
    """A new file survives a power cut only once its folder is on disk too."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
