"""``bloomery site ...``: what is ordered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bloomery.check import errors, judged_in_part, review, unjudged
from bloomery.cli.notes import EXIT_ERRORS, console, print_notes, print_partial, print_silent, tally
from bloomery.cli.substituted import Substitutes, substituted
from bloomery.plan import make_plan
from bloomery.site import MACHINES_FILE, find_site
from bloomery.site.metal.placeholder_identity import rows_without_identity

app = typer.Typer(
    no_args_is_help=True, help="The input files of a site: site.yaml and machines.csv."
)


@app.callback()
def site() -> None:
    """The input files of a site: site.yaml and machines.csv."""


@app.command()
def new(
    workload: Annotated[
        Path, typer.Option(help="Workload file: what the site must train and serve.")
    ],
    out: Annotated[Path | None, typer.Option(help="Directory to write the site into.")] = None,
    choose: Annotated[int, typer.Option(help="Number of the proposal to write.", min=0)] = 0,
) -> None:
    """Propose up to three sites for a workload, each with its limiting factor, and write one.

    Every proposal is planned and checked by every rule before it is shown. The written site
    is a draft: its delivery list has empty identity cells, so it is checked with
    ``bloomery site check --draft`` until the machines are delivered. Exit code 2 when the
    file has a fault, or no proposal fits; nothing is written then.
    """
    from bloomery.cli.propose import propose_site

    propose_site(workload, out, choose)


@app.command()
def clone(
    source: Annotated[
        str, typer.Argument(metavar="SRC", help="Name of the site to clone, or its directory.")
    ],
    name: Annotated[str, typer.Argument(metavar="DST", help="Name of the new site.")],
    into: Annotated[
        Path | None, typer.Option(help="Parent directory of the new site; default: that of SRC.")
    ] = None,
) -> None:
    """Clone an existing site, without its identities and addresses.

    The new delivery list has the machines and their places; their identities are empty.
    Values of the location (location, networks, URLs) are TO-FILL in site.yaml. The new site
    has its own state (secret, passphrase, CA, backend) and its own stack. Nothing is
    overwritten, and a failure leaves no files behind. Exit code 2 when DST exists or SRC
    has a fault.
    """
    from bloomery.cli.clone import clone_site

    clone_site(source, name, into)


@app.command()
def check(
    site: Annotated[str, typer.Argument(help="Name of a site, or its directory.")],
    draft: Annotated[
        bool, typer.Option("--draft", help="Accept machines without identity.")
    ] = False,
    substitute: Substitutes = None,
) -> None:
    """Report every fault of both files, then check the plan by every rule.

    A draft may have machines that are not delivered yet: rows of the delivery list whose
    identity cells are all empty. A draft cannot be brought up.
    Figures of a substitute follow it, as in ``bloomery plan``.
    Exit code 2 when a file has a fault (FaultsError) or a rule reports an error.
    """
    path = find_site(site)
    out = console()
    _, ordered = substituted(out, path, substitute or (), draft=draft)
    made = make_plan(ordered)
    notes, silent, partial = review(made), unjudged(made), judged_in_part(made)
    print_notes(out, notes)
    size = f"racks: {len(ordered.racks)}, machines: {len(ordered.machines)}"
    out.print(
        f"{path}: both files read without a fault; {size}; {tally(notes, silent, partial)}",
        soft_wrap=True,
        markup=False,
    )
    print_silent(out, silent)
    print_partial(out, partial)
    if draft and (
        rows := rows_without_identity((path / MACHINES_FILE).read_text(encoding="utf-8-sig"))
    ):
        out.print(f"draft: {rows} machines without identity", soft_wrap=True)
    if errors(notes):
        raise typer.Exit(EXIT_ERRORS)


@app.command("recovery-key")
def recovery_key(
    site: Annotated[str, typer.Argument(help="Name of a site, or its directory.")],
    machine: Annotated[str, typer.Argument(help="Name of a machine with an encrypted OS disk.")],
    generation: Annotated[
        int, typer.Option(help="Install generation of the disk; 0: the one of the site.", min=0)
    ] = 0,
) -> None:
    """Print the passphrase that opens a machine's OS disk when its TPM does not.

    It is secret: whoever has it and the disk reads the disk. Type it at the prompt of the
    machine's console. Exit code 2 for a machine that is not there or not encrypted.
    """
    from bloomery.cli.recovery_key import print_recovery_key

    print_recovery_key(site, machine, generation)
