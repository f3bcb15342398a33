"""``bloomery lab``: the site on one machine."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from bloomery import lab
from bloomery.cli.notes import console
from bloomery.errors import InputError
from bloomery.site import find_site, load

app = typer.Typer(no_args_is_help=True)

SiteName = Annotated[str, typer.Argument(help="Name of a site, or its directory.")]
MachineName = Annotated[str, typer.Argument(help="Name of a machine.")]

FOLLOW_SECONDS = 0.2
"""How often a followed console is read: below what an eye takes for a delay."""


@app.command("up")
def up(site: SiteName) -> None:
    """Start the lab, or its missing parts. Running machines keep running."""
    screen = console()
    begun = time.monotonic()

    def progress(line: str) -> None:
        screen.print(f"[dim]{time.monotonic() - begun:6.1f} s[/]  {escape(line)}")

    lab.up(find_site(site), os.environ, progress)


@app.command("down")
def down(site: SiteName) -> None:
    """Remove the lab: machines, disks and kernel objects. Caches are kept."""
    screen = console()
    lab.down(_site_name(site), os.environ, lambda line: screen.print(escape(line)))


@app.command("status")
def status(site: SiteName) -> None:
    """Show every machine: power, boot, addresses, faults."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("machine", "kind", "power", "boot", "BMC", "ssh", "tag", "faults"):
        table.add_column(column)
    for machine in lab.status(_site_name(site), os.environ):
        table.add_row(
            machine.name,
            machine.kind,
            machine.power,
            machine.progress,
            machine.bmc,
            machine.host,
            machine.tag,
            ", ".join(machine.faults),
        )
    console().print(table)


@app.command("fault")
def fault(
    site: SiteName,
    machine: Annotated[str, typer.Argument(help="Name of a machine; empty lists faults.")] = "",
    name: Annotated[str, typer.Argument(help="Name of a fault, or 'clear'.")] = "",
    options: Annotated[
        list[str] | None, typer.Argument(help="KEY=VALUE of the fault; a name after 'clear'.")
    ] = None,
) -> None:
    """Inject a fault into a machine or its BMC, or clear faults."""
    screen = console()
    given = options or []
    if not machine or not name:
        for known, meaning in lab.fault_meanings().items():
            screen.print(f"[bold]{known}[/]  {escape(meaning)}")
        return
    where = _site_name(site)
    if name == "clear":
        lab.clear_fault(where, os.environ, machine, given[0] if given else "all")
    else:
        lab.set_fault(where, os.environ, machine, name, _pairs(given))
    screen.print(f"{machine}: {name} {' '.join(given)}".rstrip())


@app.command("console")
def show_console(
    site: SiteName,
    machine: MachineName,
    lines: Annotated[int, typer.Option("-n", help="Number of lines, from the end.")] = 200,
    follow: Annotated[
        bool, typer.Option("-f", "--follow", help="Follow the output until ^C.")
    ] = False,
) -> None:
    """Show the serial console output of a machine."""
    file = lab.console_file(_site_name(site), os.environ, machine)
    text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
    sys.stdout.write("".join(text.splitlines(keepends=True)[-lines:]))
    if follow:
        _follow(file, file.stat().st_size if file.exists() else 0)


def _follow(file: Path, position: int) -> None:
    while True:
        sys.stdout.flush()
        time.sleep(FOLLOW_SECONDS)
        if not file.exists():
            continue
        with file.open("rb") as stream:
            stream.seek(position)
            data = stream.read()
        position += len(data)
        sys.stdout.write(data.decode(errors="replace"))


def _site_name(site: str) -> str:
    """Name of the site; a lab whose files are gone or faulty can still be taken down by name."""
    try:
        return load(find_site(site)).name
    except InputError:
        if os.sep in site:
            raise
        return site


def _pairs(options: list[str]) -> dict[str, str]:
    """``KEY=VALUE`` each; a bare word is the option ``value``."""
    pairs = {}
    for option in options:
        key, sign, value = option.rpartition("=")
        if sign and not key:
            raise InputError(f"{option!r} is not KEY=VALUE")
        pairs[key or "value"] = value
    return pairs
