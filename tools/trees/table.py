"""The outcomes as a table in Markdown."""

from __future__ import annotations

from collections.abc import Mapping

BEGIN, END = "<!-- trees -->", "<!-- end of trees -->"
"""Marks in a page, between which the table stands."""

Outcomes = Mapping[str, Mapping[str, str]]
"""Tree -> operation -> outcome."""


def table(outcomes: Outcomes) -> str:
    """One row a tree; what is wrong stands below, so that the table stays narrow."""
    names = list(next(iter(outcomes.values()), {}))
    lines = ["| tree | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    faults: list[str] = []
    for tree, row in outcomes.items():
        cells = [outcome.partition(":")[0] for outcome in row.values()]
        lines.append(f"| {tree} | " + " | ".join(cells) + " |")
        faults += [
            f"- {tree}, {name}: {outcome.partition(': ')[2]}"
            for name, outcome in row.items()
            if outcome.startswith("fault")
        ]
    good = sum(outcome == "ok" for row in outcomes.values() for outcome in row.values())
    asked = sum(outcome != "not offered" for row in outcomes.values() for outcome in row.values())
    lines += ["", f"{good} of {asked} operations that the trees offer work.", "", *faults]
    return "\n".join(lines).rstrip() + "\n"


def into(page: str, outcomes: Outcomes) -> str:
    """The page with the table between its marks. Raises ValueError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table(outcomes)}{END}{after}"
