"""Notes of ``check`` as a person reads them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from bloomery.check import RULES, InPart, Note, Precondition, Rule, Severity, errors, together

WIDTH = 100
"""Widest line the tables take: what a split screen and a CI log both show."""

EXIT_ERRORS = 2
"""Exit code when the input is at fault, as for faults of a file."""

Silent = Mapping[Precondition, Sequence[Rule]]
"""What a site does not describe, and the rules that are not applicable for that reason."""

Partial = Mapping[Precondition, InPart]
"""What some devices lack, and the rules that say nothing of them."""

NAMED = 3
"""Devices that are named before the rest is counted."""

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


def console(*, stderr: bool = False) -> Console:
    """A console no wider than ``WIDTH``, also where there is no terminal to ask."""
    found = Console(stderr=stderr, highlight=False)
    wide = WIDTH if not found.is_terminal else min(WIDTH, found.width)
    return Console(stderr=stderr, highlight=False, width=wide)


def print_notes(out: Console, notes: Sequence[Note]) -> None:
    """Each note on two lines: what is, and what to do. Equal ones of several devices are one."""
    for note in together(notes):
        margin = f", margin {note.margin}" if note.margin else ""
        head = Text(f"{note.id} {note.severity.value}", style=_STYLES[note.severity])
        out.print(head + Text(f"  {note.subject}: {note.value}; limit {note.limit}{margin}"))
        out.print(Text(f"   {note.remedy} [{note.source}]", style="dim"))


def tally(notes: Sequence[Note], silent: Silent, partial: Partial) -> str:
    """``check: 1 error, 2 warnings``, or without errors how many rules passed; how many passed
    devices by, and how many do not apply.
    """
    mute = sum(len(rules) for rules in silent.values())
    half = len({rule.id for part in partial.values() for rule in part.rules})
    return (
        tally_of(notes, len(RULES) - mute)
        + (f", {half} judged in part" if half else "")
        + (f", {mute} not applicable" if mute else "")
    )


def tally_of(notes: Sequence[Note], rules: int) -> str:
    """The same for ``rules`` that were all applicable."""
    wrong = len(errors(notes))
    passed = rules - len({note.id for note in notes})
    said = _count(wrong, "error") if wrong else f"{passed} rules passed"
    return f"check: {said}" + (f", {_count(len(notes) - wrong, 'warning')}" if notes else "")


def print_silent(out: Console, silent: Silent) -> None:
    """What the site does not describe, and which rules are not applicable for that reason."""
    text = ", ".join(
        f"{precondition.what} ({_spans(rule.id for rule in rules)})"
        for precondition, rules in silent.items()
    )
    _wrapped(out, "not applicable, as the site does not describe: ", text)


def print_partial(out: Console, partial: Partial) -> None:
    """Which rules passed devices by, for lack of what, and which devices."""
    text = "; ".join(
        f"{precondition.what} ({_spans(rule.id for rule in part.rules)}) of {_named(part.devices)}"
        for precondition, part in partial.items()
    )
    _wrapped(out, "judged in part, as the site does not describe: ", text)


def _named(devices: Sequence[str]) -> str:
    shown, rest = ", ".join(devices[:NAMED]), len(devices) - NAMED
    return f"{shown} and {rest} more" if rest > 0 else shown


def _wrapped(out: Console, said: str, text: str) -> None:
    if text:
        indent = "   "
        lines = textwrap.wrap(
            said + text,
            out.width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
        out.print(Text("\n".join(lines), style="dim"))


def _spans(ids: Iterable[str]) -> str:
    """``C1-C3 C7``: rules by id, three and more in a row as a span."""
    rows: list[list[str]] = []
    for name in ids:
        if rows and (rows[-1][-1][0], int(rows[-1][-1][1:]) + 1) == (name[0], int(name[1:])):
            rows[-1].append(name)
        else:
            rows.append([name])
    return " ".join(f"{row[0]}-{row[-1]}" if len(row) > 2 else " ".join(row) for row in rows)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
