"""``bloomery plan diff``: what changes from one plan to another."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bloomery.cli.notes import console
from bloomery.errors import Fault, FaultsError
from bloomery.plan import Plan, make_plan
from bloomery.site import find_site, load

if TYPE_CHECKING:
    from rich.table import Table

    from bloomery.plan.diff import Change, Difference, PlanDiff, Shift, Value

SHOWN = 3
"""Names of alike differences that are spelled out; ``--all`` spells out all."""


def diff_command(
    old: Annotated[str, typer.Argument(help="A site, its directory, or a plan.json.")],
    new: Annotated[str, typer.Argument(help="A site, its directory, or a plan.json.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every difference as JSON.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="List every object on its own line.")
    ] = False,
) -> None:
    """Show the differences of two plans: totals first, then each object.

    Objects are matched by name; the order of a list is ignored. Exit code 0 whether the plans
    differ or not, 2 when an input has a fault.
    """
    from bloomery.plan.diff import diff  # this file is imported with every plan

    found = diff(read_plan(old), read_plan(new))
    if as_json:
        text = json.dumps(asdict(found), indent=1, ensure_ascii=False)
        sys.stdout.write(f"{text}\n")
        return
    _show(console(), found, everything=everything)


def read_plan(where: str) -> Plan:
    """The plan of a site, or of a file that holds one. Raises FaultsError."""
    path = Path(where)
    if path.is_file():
        try:
            return Plan.from_json(path.read_bytes(), where)
        except OSError as error:
            raise FaultsError([Fault(where, 0, "(file)", f"{error.strerror}")]) from None
    if (path / "plan.json").is_file() and not (path / "site.yaml").exists():
        return read_plan(str(path / "plan.json"))
    return make_plan(load(find_site(where)))


def _show(screen: Console, found: PlanDiff, *, everything: bool) -> None:
    if not found.shifts and not found.differences:
        screen.print("no differences")
        return
    if found.shifts:
        screen.print(_sums(found.shifts))
    if found.differences:
        screen.print(_counts(found))
        screen.print(_things(found, everything=everything))


def _table(title: str, *columns: str) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column.lstrip("#"), justify="right" if column[0] == "#" else "left")
    return table


def print_shifts(screen: Console, old: Plan, new: Plan) -> None:
    """The totals that differ, or that none does."""
    from bloomery.plan.diff import shifts

    found = tuple(shifts(old, new))
    screen.print(_sums(found) if found else "totals: no difference")


def _sums(found: Sequence[Shift]) -> Table:
    table = _table("Totals", "section", "what", "#old", "#new", "#change", "unit")
    for shift in found:
        change = f"{shift.new - shift.old:+,.10g}"
        table.add_row(
            shift.noun, shift.name, f"{shift.old:,.10g}", f"{shift.new:,.10g}", change, shift.unit
        )
    return table


def _counts(found: PlanDiff) -> Table:
    table = _table("Objects", "section", "kind", "#added", "#removed", "#moved", "#changed")
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for item in found.differences:
        counts[item.noun, item.kind][item.what] += 1
    for (noun, kind), by in counts.items():
        numbers = (str(by[what] or "") for what in ("added", "removed", "moved", "changed"))
        table.add_row(noun, kind, *numbers)
    return table


def _things(found: PlanDiff, *, everything: bool) -> Table:
    """Alike differences in one line: the same kind, fate and values, or the same fields."""
    table = _table("Changes", "kind", "change", "objects", "values")
    groups: dict[tuple[str, ...], list[Difference]] = defaultdict(list)
    for item in found.differences:
        own = (item.name,) if everything else tuple(change.field for change in item.changes)
        groups[item.noun, item.kind, item.what, *own].append(item)
    for members in groups.values():
        first = members[0]
        table.add_row(first.kind, first.what, _names(members), _values(members))
    return table


def _names(members: list[Difference]) -> str:
    names = [item.name for item in members]
    if len(names) <= SHOWN:
        return ", ".join(names)
    return f"{', '.join(names[: SHOWN - 1])} and {len(names) - SHOWN + 1} more"


def _values(members: list[Difference]) -> str:
    """Values that are the same for all members; of the others those of the first."""
    lines = []
    for number, change in enumerate(members[0].changes):
        others = {item.changes[number] for item in members}
        start = "" if len(others) == 1 else "e.g. "
        lines.append(f"{change.field}: {start}{_arrow(change)}")
    return "\n".join(lines)


def _arrow(change: Change) -> str:
    if isinstance(change.old, tuple) and isinstance(change.new, tuple):
        parts = [f"-{name}" for name in change.old] + [f"+{name}" for name in change.new]
        more = f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else ""
        return " ".join(parts[:SHOWN]) + more
    return f"{_word(change.old)} -> {_word(change.new)}"


def _word(value: Value) -> str:
    return "none" if value is None or value == "" else str(value)
