"""The summary a bring-up ends with: machines, checks, and where the page is."""

from __future__ import annotations

import textwrap

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bloomery.evidence.judging import tally
from bloomery.records import Outcome, Verdict
from bloomery.report.timeline import clock
from bloomery.report.view import NodeView, View

FEW = 16
"""Machines, and checks, up to which each gets a line; above, only those that do not pass."""

WIDEST = 300
"""Characters of a reason or an observation that are shown of a check; the page has all."""

LOOK = {
    Outcome.PASS: ("pass", "green"),
    Outcome.FAIL: ("FAIL", "bold red"),
    Outcome.NOT_MEASURED: ("not measured", "yellow"),
}
"""Word and style of each outcome."""


def summary(view: View, page: str) -> RenderableType:
    """Machines, what the outcome rests on, and the page's path."""
    counts = tally(node.outcome for node in view.nodes)
    heads = [f"{counts[Outcome.PASS]} of {len(view.nodes)} machines pass"]
    if counts[Outcome.FAIL]:
        heads.append(f"{counts[Outcome.FAIL]} fail")
    if counts[Outcome.NOT_MEASURED]:
        heads.append(f"{counts[Outcome.NOT_MEASURED]} not measured")
    head = Text.assemble((f"{view.site}  ", "bold"), Text(*LOOK[view.outcome]))
    head.append("  " + ", ".join(heads))
    return Group(Text(), head, _machines(view), _parts(view), _end(view, page))


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 2), show_header=bool(columns))
    for column in columns:
        table.add_column(column, justify="right" if column == "bring-up time" else "left")
    return table


def _machines(view: View) -> RenderableType:
    shown = view.nodes
    if len(shown) > FEW:
        shown = tuple(node for node in shown if node.outcome is not Outcome.PASS)[:FEW]
    if not shown:
        return Text()
    table = _table("machine", "verdict", "last phase", "bring-up time", "reason and next step")
    for node in shown:
        took = clock(node.took) if node.took is not None else ""
        table.add_row(node.name, Text(*LOOK[node.outcome]), node.phase, took, Text(_why(node)))
    return table


def _why(node: NodeView) -> str:
    return f"{node.reason}; next: {node.next_step}" if node.next_step else node.reason


def _parts(view: View) -> RenderableType:
    """What the record rests on, then the checks that concern no single machine."""
    table = _table()
    for part in view.parts:
        table.add_row(part.name, Text(*LOOK[part.outcome]), Text(part.reason))
    shown = _shown(view.checks)
    for check in shown:
        name = f"{check.rule.rpartition('.')[2]} {check.subject}"
        table.add_row(Text(name), Text(*LOOK[check.outcome]), Text(_seen(check)))
    if len(shown) < len(view.checks):
        table.add_row("", "", _left(view.checks, shown))
    return table


def _shown(checks: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """All of a few; of many the first that do not pass."""
    if len(checks) <= FEW:
        return checks
    return tuple(check for check in checks if check.outcome is not Outcome.PASS)[:FEW]


def _left(checks: tuple[Verdict, ...], shown: tuple[Verdict, ...]) -> str:
    """How many checks are not shown, by outcome: ``not shown: 41 pass``."""
    every, listed = (tally(check.outcome for check in found) for found in (checks, shown))
    left = {outcome: every[outcome] - listed[outcome] for outcome in every}
    words = [f"{count} {LOOK[outcome][0].lower()}" for outcome, count in left.items() if count]
    return f"not shown: {', '.join(words)}"


def _seen(check: Verdict) -> str:
    """Why it is not a pass; of a pass what was observed, where that is text. One line."""
    value = check.observation.value if check.observation else None
    said = check.reason or (value if isinstance(value, str) else "")
    plain = "".join(character if character.isprintable() else " " for character in said)
    return textwrap.shorten(plain, WIDEST, placeholder=" ...")


def _end(view: View, page: str) -> Text:
    text = Text("\n")
    if view.audit and not view.audit.empty:
        sound = ("sound", "green") if view.audit.sound else ("broken", "bold red")
        text.append_text(Text.assemble("record chain is ", sound, "\n"))
        for finding in view.audit.findings[:FEW]:
            text.append(f"  {finding}\n")
    text.append(f"page {page}", style="bold")
    return text
