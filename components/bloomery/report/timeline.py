"""The timeline of the bring-up: bars on a clock, long pauses taken out.

A site is brought up in sessions (a first ``up``, a repair an hour later). Drawn on one
clock the work would be slivers, so each session gets a panel with a clock of its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bloomery.report.view import PHASES, Bar

PAUSE = datetime.timedelta(seconds=30)
"""Nothing moving for so long ends a session: while a machine is brought up, one phase
follows the other at once."""

SESSIONS = 3
"""Newest sessions drawn; older ones are counted."""

WIDTH, BESIDE = 1000.0, 700.0
"""Drawing units for all panels and the gaps between them: alone, and beside a rack."""

GAP = 26.0
"""Drawing units between two panels."""

LEAST = 90.0
"""Drawing units of the narrowest panel: room for its title."""

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
"""Seconds between two marks on a clock, from which the first that leaves room is taken."""


@dataclass(frozen=True)
class Span:
    """A bar, placed."""

    bar: Bar
    x: float
    width: float
    row: int


@dataclass(frozen=True)
class Mark:
    """A mark on a panel's clock."""

    x: float
    label: str


@dataclass(frozen=True)
class Panel:
    """One session."""

    x: float
    width: float
    start: datetime.datetime
    seconds: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Timeline:
    """All that is drawn."""

    panels: tuple[Panel, ...]
    spans: tuple[Span, ...]
    rows: tuple[str, ...]
    """Machine of each row."""
    width: float
    """Width of all panels."""
    row_height: float
    earlier: int
    """Sessions left out."""
    medians: tuple[tuple[str, float], ...]
    """Phase -> median seconds, in the order of the phases."""

    @property
    def height(self) -> float:
        """Height of the rows."""
        return len(self.rows) * self.row_height


def timeline(bars: Sequence[Bar], rows: Sequence[str], width: float = WIDTH) -> Timeline:
    """Place all bars of the newest sessions; rows in the order given."""
    sessions = _sessions(bars)
    shown = sessions[-SESSIONS:]
    row = {name: number for number, name in enumerate(rows)}
    panels = _panels(shown, width)
    spans = []
    for panel, session in zip(panels, shown, strict=True):
        scale = panel.width / max(panel.seconds, 1.0)
        for bar in session:
            x = panel.x + (bar.start - panel.start).total_seconds() * scale
            spans.append(
                Span(bar, round(x, 2), round(max(bar.seconds * scale, 1.5), 2), row[bar.node])
            )
    return Timeline(
        panels=tuple(panels),
        spans=tuple(spans),
        rows=tuple(rows),
        width=width,
        row_height=13.0 if len(rows) > 24 else 22.0,
        earlier=len(sessions) - len(shown),
        medians=_medians(bars),
    )


def _sessions(bars: Sequence[Bar]) -> list[list[Bar]]:
    """Bars split wherever nothing moved for ``PAUSE``."""
    sessions: list[list[Bar]] = []
    end: datetime.datetime | None = None
    for bar in sorted(bars, key=lambda bar: (bar.start, bar.node)):
        if end is None or bar.start - end > PAUSE:
            sessions.append([])
        sessions[-1].append(bar)
        end = bar.end if end is None else max(end, bar.end)
    return [_reaching(session) for session in sessions]


def _reaching(session: list[Bar]) -> list[Bar]:
    """Phases that have not ended reach as far as anything is known to have moved."""
    end = max(bar.end for bar in session)
    return [replace(bar, end=end) if bar.how == "open" else bar for bar in session]


def _panels(sessions: list[list[Bar]], width: float) -> list[Panel]:
    lengths = [_length(session) for session in sessions]
    room = width - GAP * max(len(sessions) - 1, 0)
    spare = room - LEAST * len(sessions)
    panels, x = [], 0.0
    for session, length in zip(sessions, lengths, strict=True):
        share = LEAST + spare * length / sum(lengths)
        start = min(bar.start for bar in session)
        panels.append(Panel(round(x, 2), round(share, 2), start, length, _marks(x, share, length)))
        x += share + GAP
    return panels


def _length(session: list[Bar]) -> float:
    start = min(bar.start for bar in session)
    return max((max(bar.end for bar in session) - start).total_seconds(), 1.0)


def _marks(x: float, width: float, seconds: float) -> tuple[Mark, ...]:
    fits = max(int(width // 70), 1)
    step = next((step for step in STEPS if seconds / step <= fits), STEPS[-1])
    count = int(seconds // step)
    return tuple(
        Mark(round(x + width * number * step / seconds, 2), clock(number * step))
        for number in range(count + 1)
    )


def clock(seconds: float) -> str:
    """``0.3 s``, ``45 s``, ``3:05`` or ``1:02:03``."""
    if 0 < seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def _medians(bars: Sequence[Bar]) -> tuple[tuple[str, float], ...]:
    found = []
    for phase in PHASES:
        times = sorted(bar.seconds for bar in bars if bar.phase == phase and bar.how == "done")
        if times:
            found.append((phase, times[len(times) // 2]))
    return tuple(found)
