"""What people see: one table of all rows, never wider than a page of code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.row import Figure, Outcome, Row, Target

WIDTH = 100
"""Characters. A log in CI has no terminal to ask."""

COLOURS: Mapping[Outcome, str] = {
    "pass": "green",
    "fail": "bold red",
    "no target": "dim",
    "not measured": "bold yellow",
}


def shown(value: float, unit: str) -> str:
    """A figure with three digits that mean something, in a unit people read."""
    if unit == "s" and 0 < value < 1e-3:
        return f"{value * 1e6:.3g} µs"
    if unit == "s" and value < 1:
        return f"{value * 1000:.3g} ms"
    if unit == "B" and abs(value) >= 10_000:
        return f"{value / 1000:.1f} kB"
    if unit == "B":
        return f"{value:.0f} B"
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def _figure(figure: Figure | None) -> str:
    return "" if figure is None else shown(figure.middle, figure.unit)


def _ratio(row: Row) -> str:
    ratio = row.ratio
    if ratio is None:
        return ""
    if ratio.low == ratio.high:
        return f"     {_short(ratio.middle)}"
    return " ".join(_short(it) for it in (ratio.low, ratio.middle, ratio.high))


def _short(ratio: float) -> str:
    """A ratio in four characters where that says anything: 0.002 is not 0.00."""
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.3f}".lstrip("0")


def _target(target: Target | None, row: Row) -> str:
    if target is None:
        return ""
    sign = "<" if target.strict else "≤"
    if target.of == "ratio":
        return f"{sign} {target.limit:g}x"
    return f"{sign} {shown(target.limit, row.ours.unit if row.ours else '')}"


def table(results: Mapping[str, Sequence[Row]], cores: int) -> Table:
    """All rows, a section a bench."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    made.add_column("bench", min_width=23, max_width=23)
    made.add_column("size", no_wrap=True)
    made.add_column("cores", justify="right")
    made.add_column("ours", justify="right", no_wrap=True)
    made.add_column("theirs", justify="right", no_wrap=True)
    made.add_column("ratio\nmin  med  max", no_wrap=True)
    made.add_column("target", no_wrap=True)
    made.add_column("verdict", no_wrap=True)
    for name, rows in results.items():
        made.add_section()
        made.add_row(Text(name, style="bold"))
        for row in rows:
            made.add_row(
                f"  {row.what}",
                row.size,
                str(cores),
                _figure(row.ours),
                _figure(row.theirs),
                _ratio(row),
                _target(row.target, row),
                Text(row.verdict, style=COLOURS[row.verdict]),
            )
    return made


def print_results(
    console: Console,
    results: Mapping[str, Sequence[Row]],
    meanings: Mapping[str, str],
    cores: int,
) -> None:
    """Table, what is compared in each bench, and every note."""
    console.print(table(results, cores))
    for name, rows in results.items():
        console.print(Text.assemble((name, "bold"), f": {meanings[name]}"))
        for row in rows:
            if row.note:
                style = COLOURS[row.verdict] if row.verdict == "not measured" else "default"
                console.print(Text(f"  {row.what}, {row.size}: {row.note}", style=style))
