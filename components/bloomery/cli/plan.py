"""``bloomery plan``: what shall be, as a table or as the plan's own bytes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bloomery.check import errors, review
from bloomery.cli.notes import EXIT_ERRORS, console, print_notes, tally
from bloomery.plan import NodePlan, Plan, make_plan
from bloomery.site import find, load

MANY = 40
"""Machines above which the table shows pools: more rows than a screen is no overview."""


def plan(
    site: Annotated[str, typer.Argument(help="Name of a site, or its directory.")],
    json: Annotated[bool, typer.Option("--json", help="Print the plan's own bytes.")] = False,
    out: Annotated[Path | None, typer.Option(help="Also write the plan's bytes here.")] = None,
    nodes: Annotated[bool, typer.Option("--nodes", help="List every machine.")] = False,
) -> None:
    """Show what shall be: racks, machines, power, runs, and what the rules say.

    Exit code 2 when a file is at fault (FaultsError) or a rule finds an error.
    """
    made = make_plan(load(find(site)))
    notes = review(made)
    if out is not None:
        out.write_bytes(made.to_json())
    screen = console(stderr=json)
    if json:
        sys.stdout.write(made.to_json().decode())
    else:
        _show(screen, made, every_node=nodes)
    print_notes(screen, notes)
    screen.print(tally(notes))
    if errors(notes):
        raise typer.Exit(EXIT_ERRORS)


def _show(screen: Console, made: Plan, *, every_node: bool) -> None:
    facts = made.site
    kind = "lab" if facts.lab else "metal"
    screen.print(f"[bold]{facts.name}[/]  {facts.location}  {kind}  release {facts.release}")
    screen.print(_racks(made))
    listed = every_node or len(made.metal.nodes) <= MANY
    screen.print(_nodes(made) if listed else _pools(made))
    if made.cluster.runs:
        screen.print(_runs(made))
    if made.cluster.endpoint:
        screen.print(f"serves {made.cluster.model_name!r} at {made.cluster.endpoint}")
    screen.print(f"plan {made.digest}", soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    """A table whose columns marked with a leading ``#`` hold numbers."""
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column.lstrip("#"), justify="right" if column[0] == "#" else "left")
    return table


def _racks(made: Plan) -> Table:
    table = _table("Racks", "rack", "#machines", "#units", "#of", "#kW", "#of kW", "#free kW")
    heights = {node.name: node.height for node in made.metal.nodes}
    for rack in made.metal.racks:
        table.add_row(
            rack.name,
            str(len(rack.nodes)),
            str(sum(heights[name] for name in rack.nodes)),
            str(rack.units),
            f"{rack.power_kw:.1f}",
            f"{rack.power_limit_kw:.1f}",
            f"{rack.power_limit_kw - rack.power_kw:.1f}",
        )
    return table


def _nodes(made: Plan) -> Table:
    columns = ("machine", "purpose", "model", "rack", "#unit", "#kW", "BMC", "host", "#gen")
    table = _table("Machines", *columns)
    for node in made.metal.nodes:
        table.add_row(
            node.name,
            node.purpose,
            node.model,
            node.rack,
            str(node.unit),
            f"{node.power_kw:.1f}",
            node.bmc.address,
            node.host.address,
            str(node.install_generation),
        )
    return table


def _pools(made: Plan) -> Table:
    table = _table("Pools (--nodes lists machines)", "pool", "purpose", "model", "#machines", "#kW")
    pools = sorted({node.pool for node in made.metal.nodes})
    for pool in pools:
        members = [node for node in made.metal.nodes if node.pool == pool]
        power = sum(node.power_kw for node in members)
        first: NodePlan = members[0]
        table.add_row(pool, first.purpose, first.model, str(len(members)), f"{power:.1f}")
    return table


def _runs(made: Plan) -> Table:
    table = _table("Runs", "run", "on", "needs")
    for run in made.cluster.runs:
        groups = ", ".join(f"{len(names)} {group}" for group, names in run.groups.items())
        table.add_row(run.name, groups, ", ".join(run.needs))
    return table
