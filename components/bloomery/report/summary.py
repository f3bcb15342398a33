"""The summary a bring-up ends with: what stands, what does not, and where the page is."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bloomery.evidence.judging import Part, tally
from bloomery.records import Outcome, Verdict
from bloomery.report.timeline import clock
from bloomery.report.view import NodeView, View

FEW = 16
"""Machines up to which each gets a line; above, only those that need somebody."""

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
        table.add_column(column, justify="right" if column == "took" else "left")
    return table


def _machines(view: View) -> RenderableType:
    shown = view.nodes
    if len(shown) > FEW:
        shown = tuple(node for node in shown if node.outcome is not Outcome.PASS)[:FEW]
    if not shown:
        return Text()
    table = _table("machine", "verdict", "phase", "took", "reason, and what next")
    for node in shown:
        took = clock(node.took) if node.took is not None else ""
        table.add_row(node.name, Text(*LOOK[node.outcome]), node.phase, took, _why(node))
    return table


def _why(node: NodeView) -> str:
    return f"{node.reason}; next: {node.next_step}" if node.next_step else node.reason


def _parts(view: View) -> RenderableType:
    table = _table()
    checks = view.checks
    if len(checks) > FEW:
        checks = tuple(it for it in checks if it.outcome is not Outcome.PASS)[:FEW]
    shown = [*view.parts, *(Part(_check(it), it.outcome, _seen(it)) for it in checks)]
    for part in shown:
        table.add_row(part.name, Text(*LOOK[part.outcome]), part.reason)
    return table


def _check(verdict: Verdict) -> str:
    return f"{verdict.rule.rpartition('.')[2]} {verdict.subject}"


def _seen(verdict: Verdict) -> str:
    """Why it is not a pass; of a pass what was seen, where that is text."""
    value = verdict.observation.value if verdict.observation else None
    return verdict.reason or (value if isinstance(value, str) else "")


def _end(view: View, page: str) -> Text:
    text = Text("\n")
    if view.audit and not view.audit.empty:
        sound = ("sound", "green") if view.audit.sound else ("broken", "bold red")
        text.append_text(Text.assemble("record chain is ", sound, "\n"))
        for finding in view.audit.findings[:FEW]:
            text.append(f"  {finding}\n")
    text.append(f"page {page}", style="bold")
    return text
