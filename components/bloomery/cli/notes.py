"""Notes of ``check`` as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from bloomery.check import Note, Severity, errors

WIDTH = 100
"""Widest line the tables take: what a split screen and a CI log both show."""

EXIT_ERRORS = 2
"""Exit code when the input is at fault, as for faults of a file."""

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


def console(*, stderr: bool = False) -> Console:
    """A console no wider than ``WIDTH``, also where there is no terminal to ask."""
    found = Console(stderr=stderr, highlight=False)
    wide = WIDTH if not found.is_terminal else min(WIDTH, found.width)
    return Console(stderr=stderr, highlight=False, width=wide)


def print_notes(out: Console, notes: Sequence[Note]) -> None:
    """Each note on two lines: what is, and what to do."""
    for note in notes:
        margin = f", margin {note.margin}" if note.margin else ""
        head = Text(f"{note.id} {note.severity.value}", style=_STYLES[note.severity])
        out.print(head + Text(f"  {note.subject}: {note.value}; limit {note.limit}{margin}"))
        out.print(Text(f"   {note.remedy} [{note.source}]", style="dim"))


def tally(notes: Sequence[Note]) -> str:
    """``check: 1 error, 2 warnings``, or that every rule holds."""
    if not notes:
        return "check: every rule holds"
    wrong = len(errors(notes))
    return f"check: {_count(wrong, 'error')}, {_count(len(notes) - wrong, 'warning')}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
