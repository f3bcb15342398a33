"""``bloomery plan``: what shall be, as tables, as files, or as the plan's own bytes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bloomery.check import errors, judged_in_part, review, unjudged
from bloomery.cli.default_command import DEFAULT, DefaultCommand
from bloomery.cli.netbox import EXISTING_HELP, lacking, needs_out
from bloomery.cli.notes import EXIT_ERRORS, console, print_notes, print_partial, print_silent, tally
from bloomery.cli.plan_diff import diff_command, print_shifts
from bloomery.cli.substituted import Substitutes, substituted
from bloomery.plan import make_plan
from bloomery.site import find_site

app = typer.Typer(cls=DefaultCommand, no_args_is_help=True)
app.command("diff")(diff_command)


@app.callback()
def main() -> None:
    """The plan of a site: ``plan SITE`` shows it, ``plan diff OLD NEW`` compares two."""


@app.command(DEFAULT)
def plan(
    site: Annotated[str, typer.Argument(help="Name of a site, or its directory.")],
    json: Annotated[
        bool, typer.Option("--json", help="Print the plan as JSON, byte for byte.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Also write all files of the plan into this folder, all or none."),
    ] = None,
    netbox_existing: Annotated[
        Path | None, typer.Option(metavar="EXPORT", help=EXISTING_HELP)
    ] = None,
    nodes: Annotated[bool, typer.Option("--nodes", help="List every machine.")] = False,
    substitute: Substitutes = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Accept machines without identity.")
    ] = False,
) -> None:
    """Show the plan, section by section, and the result of the rules. The word show may be omitted.

    Files in the folder: cable list and labels, bill of materials, Graphviz, InfiniBand
    topologies for ibdiagnet and ibutils and netlists for ibsim, NetBox imports, Ansible
    inventory, the plan, and an HTML page.
    Figures of a substitute that the catalogue does not give follow it, as the site would write
    them: ``--substitute dgx-b200=hgx-b200,power_kw=14 kW,height_u=8,liquid_share=0``, of a switch
    ``--substitute qm9700=q3400,height_u=4,power_kw=6 kW``. What changes is told before the plan:
    each line of the site, and the totals that differ.
    Exit code 2 when a file has a fault (FaultsError) or a rule reports an error; nothing is
    written then.
    """
    screen = console(stderr=json)
    needs_out(netbox_existing, out)
    before, after = substituted(screen, find_site(site), substitute or (), draft=draft)
    made = make_plan(after)
    notes, silent, partial = review(made), unjudged(made), judged_in_part(made)
    if before is not after:
        print_shifts(screen, make_plan(before), made)
    if json:
        sys.stdout.write(made.to_document().decode())
    else:
        from bloomery.cli.plan_tables import show  # tables: not for JSON

        show(screen, made, every_node=nodes)
    print_notes(screen, notes)
    screen.print(tally(notes, silent, partial))
    print_silent(screen, silent)
    print_partial(screen, partial)
    if errors(notes):
        if out is not None:
            screen.print(
                f"{out}: nothing written: a rule reports an error", soft_wrap=True, markup=False
            )
        raise typer.Exit(EXIT_ERRORS)
    if out is not None:
        from bloomery.cli.folder import write_folder
        from bloomery.report.files import files  # templates: only where somebody wants files

        left = lacking(screen, made, netbox_existing)
        write_folder(out, files(made, notes, left))
        screen.print(f"{out}: written; open {out / 'index.html'}", soft_wrap=True, markup=False)
