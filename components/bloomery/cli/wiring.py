"""``bloomery wiring``: compare observed cables with the plan."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bloomery.check.doubted_names import doubted_names
from bloomery.check.learnt_names import Learnt
from bloomery.check.observed.read import Format, read_observed
from bloomery.check.wiring import Comparison, Kind, Miswiring, NetworkCount, compare
from bloomery.cli.notes import console
from bloomery.cli.plan_diff import read_plan
from bloomery.errors import Fault, FaultsError
from bloomery.plan.model import HostPortsPlan
from bloomery.site.reading.fault_texts import suggest

app = typer.Typer(no_args_is_help=True)

SHOWN = 60
"""Findings that are listed; ``--all`` lists every one."""

LEARNT = 8
"""Names of one kind of device that are listed: the rails of a machine."""


@app.callback()
def wiring() -> None:
    """Compare observed cables with the plan."""


@app.command("compare")
def compare_command(
    site: Annotated[str, typer.Argument(help="A site, its directory, or a plan.json.")],
    observed: Annotated[
        list[str], typer.Argument(help="Files that tools printed, or CSV lists of cables.")
    ],
    network: Annotated[str, typer.Option(help="Compare the cables of this network only.")] = "",
    form: Annotated[
        Format | None, typer.Option("--format", help="Format of the files; else by content.")
    ] = None,
    device: Annotated[
        str, typer.Option(help="Device whose neighbours an LLDP file lists; else by its name.")
    ] = "",
    port: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PORT", help="What a name means; else learnt: mlx5_0=hca2."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="List every finding.")] = False,
) -> None:
    """List every cable that is missing, extra, swapped or on a wrong port.

    Reads ibnetdiscover, lldpcli show neighbors -f json0 or json, show lldp table of SONiC, net show
    lldp and nv show interface lldp of Cumulus Linux, P2P files of UFM as CSV, and CSV with
    a_device, a_port, b_device, b_port; a cable from either end or from both. LLDP does not say
    whose neighbours it lists: the prompt, the name of the file or --device does. A port is given as
    printed (p07/2), by its number (14, P14) or as the system of the switch names it (swp7s1, etp7b,
    Ethernet48); adapters and a host's interfaces by the names that the site or the catalogue
    declares. Other names are learnt from the far ends of all machines of a kind, and are counted as
    its ports are, unless --port says what one means; they are listed as not declared.

    A network of which nothing was observed is not compared. Exit code 0 when all that was observed
    is as planned, 1 when it is not, 2 when an input has a fault or holds no cable to compare.
    """
    plan = read_plan(site)
    names = [known.name for known in plan.fabric.networks]
    if network and network not in names:
        hint = suggest(network, names, "networks")
        raise FaultsError([Fault(site, 0, "--network", f"unknown network {network!r}", hint)])
    devices = {end for c in plan.fabric.cables for end in (c.a_device, c.b_device)}
    ports = {end for c in plan.fabric.cables for end in (c.a_port, c.b_port)}
    given = _given(site, port or (), ports)
    found = compare(plan, read_observed(observed, devices, form, device), network, given)
    if not found.planned and not found.findings:
        raise FaultsError([_nothing(observed, network)])
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n")
    else:
        _show(console(), found, len(found.findings) if everything else SHOWN)
        for known, count in doubted_names(plan, found.findings):
            console().print(_doubt(known, count), markup=False, highlight=False)
    if found.findings:
        raise typer.Exit(1)


def _given(site: str, words: Sequence[str], ports: AbstractSet[str]) -> Mapping[str, str]:
    """The names of ``--port``, and the ports that they mean. Raises FaultsError."""
    found: dict[str, str] = {}
    faults = []
    for word in words:
        name, _, port = word.partition("=")
        if not name or port not in ports:
            hint = suggest(port, ports) if name and port else "NAME=PORT, as in mlx5_0=hca2"
            faults.append(Fault(site, 0, "--port", f"no port of the plan: {word!r}", hint))
        found[name] = port
    if faults:
        raise FaultsError(faults)
    return found


def _nothing(files: list[str], network: str) -> Fault:
    what = f"network {network!r}" if network else "the plan"
    hint = "see that it was printed by a device of this site, with its links up"
    return Fault(", ".join(files), 0, "(file)", f"no cable of {what} was observed", hint)


def _show(screen: Console, found: Comparison, limit: int) -> None:
    for finding in found.findings[:limit]:
        _tell(screen, finding, named=len({f for it in found.findings for f in it.files}) > 1)
    hidden = len(found.findings) - limit
    if hidden > 0:
        screen.print(f"and {hidden} more: --all lists them")
    for kind in dict.fromkeys(one.kind for one in found.learnt):
        text = _learnt([one for one in found.learnt if one.kind == kind])
        screen.print(f"{kind}, not declared: {text}", markup=False, highlight=False)
    for count in found.networks:
        kinds = [finding.kind for finding in found.findings if finding.network == count.network]
        screen.print(_sum(count, kinds), soft_wrap=True)
    if extra := sum(not finding.network for finding in found.findings):
        screen.print(f"of no network: {extra} extra")


def _doubt(known: HostPortsPlan, count: int) -> str:
    pool, network = known.pool, known.network
    return (
        f"{pool}: all {count} machines differ from the declared names of their ports in {network}; "
        f"where they count otherwise, hca_mapping and port_names of the pool say so"
    )


def _learnt(names: list[Learnt]) -> str:
    shown = ", ".join(f"{one.name} taken as {one.port}" for one in names[:LEARNT])
    hidden = len(names) - LEARNT
    return f"{shown} and {hidden} more" if hidden > 0 else shown


def _sum(count: NetworkCount, kinds: list[Kind]) -> str:
    """One line a network."""
    if not count.planned:
        return f"{count.network}: not observed (0 of {count.cables:,} cables)"
    counts = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    right = f"{count.network}: {count.right:,} of {count.planned:,} cables as planned"
    unasked = count.cables - count.planned
    rest = [f"{unasked:,} at devices that were not asked"] if unasked else []
    return "; ".join(part for part in (right, ", ".join(counts), *rest) if part)


def _tell(screen: Console, finding: Miswiring, *, named: bool) -> None:
    """One line a cable: what was planned, then what was seen in its place."""
    places = [
        f"{file}:{line}" if named else str(line)
        for file, line in zip(finding.files, finding.lines, strict=True)
    ]
    where = f"  {'' if named else 'line '}{', '.join(places)}" if places else ""
    screen.print(f"[bold]{finding.kind}[/]{escape(where)}", soft_wrap=True)
    for word, links in (("planned", finding.planned), ("observed", finding.seen)):
        for a, b in links:
            screen.print(f"  {word:10}{a} to {b}", soft_wrap=True, markup=False)
        if not links:
            screen.print(f"  {word:10}nothing")
