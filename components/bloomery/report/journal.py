"""Journals of the machines, read back as bars of a timeline."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bloomery.report.view import Bar

STEPS = ("begin", "done", "stuck", "intent")
"""Events that move a machine; ``verified`` only notes what was found."""


@dataclass(frozen=True)
class Line:
    """One line of a journal."""

    t: datetime.datetime
    phase: str
    event: str
    reason: str = ""
    next_step: str = ""


def read_lines(path: Path) -> tuple[Line, ...]:
    """Lines of one machine, oldest first; none where it has no journal.

    A line torn by a power cut is left out: it announced something that did not begin.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    return tuple(_lines(text.splitlines()))


def _lines(lines: Iterable[str]) -> Iterator[Line]:
    for text in lines:
        try:
            said = json.loads(text)
            t = datetime.datetime.fromisoformat(said["t"])
            yield Line(
                t, said["phase"], said["event"], said.get("reason", ""), said.get("next", "")
            )
        except (ValueError, KeyError, TypeError):
            continue


def bars(node: str, lines: Iterable[Line]) -> tuple[Bar, ...]:
    """Phases with begin and end. A phase begun anew without an end was cut off."""
    made: list[Bar] = []
    begun: Line | None = None
    last: Line | None = None
    for line in lines:
        if line.event == "begin":
            if begun and last:
                made.append(_bar(node, begun, last, "cut"))
            begun = line
        elif begun and line.phase == begun.phase and line.event in ("done", "stuck"):
            made.append(_bar(node, begun, line, line.event))
            begun = None
        elif line.event == "stuck" and not begun:
            made.append(_bar(node, line, line, "stuck"))
        last = line
    if begun and last:
        made.append(_bar(node, begun, last, "open"))
    return tuple(made)


def _bar(node: str, begun: Line, end: Line, how: str) -> Bar:
    return Bar(node, begun.phase, begun.t, end.t, how, end.reason)


def took(made: Iterable[Bar]) -> float | None:
    """Seconds from the newest first phase to the last bar; None without bars."""
    start = end = None
    for bar in made:
        if bar.phase == "identify" or start is None:
            start = bar.start
        end = bar.end
    return (end - start).total_seconds() if start and end else None
