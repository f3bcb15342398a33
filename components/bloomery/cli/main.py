"""``bloomery``: the command line. One file per noun; this one only joins them."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from bloomery import __version__
from bloomery.cli import env, evidence, lab, plan, policy, report, site, up, wiring
from bloomery.errors import BloomeryError, FaultsError

EXIT_FAULTS = 2
"""Exit code for bad input, as every tool of the field has it for usage errors."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An AI factory as code: from powered-off machines to a proven site.",
)
app.command()(up.up)
app.command()(up.down)
app.command()(env.env)
app.command()(report.report)
app.command()(policy.policy)
app.add_typer(plan.app, name="plan")
app.add_typer(site.app, name="site")
app.add_typer(wiring.app, name="wiring")
app.add_typer(lab.app, name="lab", help="The site on one machine.")
app.add_typer(evidence.app, name="evidence", help="Signed records of what was done.")


@app.command()
def version() -> None:
    """Print the version."""
    sys.stdout.write(f"{__version__}\n")


def main() -> None:
    """Run a command; an error is told in one line (or one a fault), never as a traceback."""
    try:
        app()
    except FaultsError as error:
        for fault in error.faults:
            sys.stderr.write(f"{fault}\n")
        sys.exit(EXIT_FAULTS)
    except BloomeryError as error:
        Console(stderr=True, soft_wrap=True).print(f"[red]{error}[/]", highlight=False)
        sys.exit(1)
