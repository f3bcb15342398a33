"""``bloomery wiring``: compare observed cables with the plan."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from bloomery.check.observed import read_observed
from bloomery.check.wiring import Comparison, Miswiring, compare
from bloomery.cli.notes import console
from bloomery.cli.plan_diff import read_plan
from bloomery.errors import Fault, FaultsError
from bloomery.site.reading.fault_texts import suggest

app = typer.Typer(no_args_is_help=True)

SHOWN = 60
"""Findings that are listed; ``--all`` lists every one."""


@app.callback()
def wiring() -> None:
    """Compare observed cables with the plan."""


@app.command("compare")
def compare_command(
    site: Annotated[str, typer.Argument(help="A site, its directory, or a plan.json.")],
    observed: Annotated[
        str, typer.Argument(help="CSV of observed cables: a_device, a_port, b_device, b_port.")
    ],
    network: Annotated[str, typer.Option(help="Compare the cables of this network only.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="List every finding.")] = False,
) -> None:
    """List every cable that is missing, extra, swapped or on a wrong port.

    A port is given as printed (p07/2) or by its number (14, P14); a cable from either end or
    from both. Exit code 0 when all is as planned, 1 when it is not, 2 when an input has a fault.
    """
    plan = read_plan(site)
    names = [known.name for known in plan.fabric.networks]
    if network and network not in names:
        hint = suggest(network, names, "networks")
        raise FaultsError([Fault(site, 0, "--network", f"unknown network {network!r}", hint)])
    found = compare(plan, read_observed(observed), network)
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n")
    else:
        _show(console(), found, len(found.findings) if everything else SHOWN)
    if found.findings:
        raise typer.Exit(1)


def _show(screen: Console, found: Comparison, limit: int) -> None:
    for finding in found.findings[:limit]:
        _tell(screen, finding)
    hidden = len(found.findings) - limit
    if hidden > 0:
        screen.print(f"and {hidden} more: --all lists them")
    by = [finding.kind for finding in found.findings]
    counts = ", ".join(f"{by.count(kind)} {kind}" for kind in dict.fromkeys(by))
    right = f"{found.right:,} of {found.planned:,} cables as planned"
    screen.print(f"{right}; {counts}" if counts else right)


def _tell(screen: Console, finding: Miswiring) -> None:
    """One line a cable: what was planned, then what was seen in its place."""
    lines = ", ".join(map(str, finding.lines))
    screen.print(f"[bold]{finding.kind}[/]" + (f"  line {lines}" if lines else ""))
    for word, links in (("planned", finding.planned), ("observed", finding.seen)):
        for a, b in links:
            screen.print(f"  {word:10}{a} to {b}", soft_wrap=True, markup=False)
        if not links:
            screen.print(f"  {word:10}nothing")
