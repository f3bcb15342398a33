"""``bloomery``: the command line. One file per noun; this one only joins them."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import NoReturn

import typer
from rich.console import Console
from rich.text import Text

from bloomery import __version__
from bloomery.errors import BloomeryError, FaultsError

COLLECT = 1_000_000
"""New objects before the interpreter looks for garbage. A large plan is a million objects and
no garbage; looking through them as often as usual takes a fifth of its time. A command that
lives long makes little garbage: this many objects are some 100 MB."""

COMMANDS: Mapping[str, str] = {
    "up": "up",
    "down": "up",
    "env": "env",
    "report": "report",
    "impact": "impact",
    "policy": "policy",
}
"""Command -> the file here that its function of the same name stands in."""

GROUPS: Mapping[str, str | None] = {
    "plan": None,
    "site": None,
    "release": None,
    "wiring": None,
    "bmc": None,
    "lab": "The lab of a site: virtual BMCs and hosts on one machine.",
    "evidence": "Signed records of updates, policy results and measurements.",
}
"""Commands with commands of their own, each an ``app`` in a file of its name -> its help, where
the file gives none."""


def command_line(words: Sequence[str] = ()) -> typer.Typer:
    """The command that ``words`` begin with; every command where they begin with none.

    Only what is asked for is imported: evidence, lab and page together take longer to
    import than a plan takes to make.
    """
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="An AI factory as code: from powered-off machines to a verified site.",
    )
    asked = set(words[:1]) & {*COMMANDS, *GROUPS} or {*COMMANDS, *GROUPS}
    for name, file in COMMANDS.items():
        if name in asked:
            app.command()(getattr(import_module(f"bloomery.cli.{file}"), name))
    for name, told in GROUPS.items():
        if name in asked:
            group = import_module(f"bloomery.cli.{name}").app
            app.add_typer(group, name=name, help=told or group.info.help)
    app.command()(version)
    return app


def version() -> None:
    """Print the version."""
    sys.stdout.write(f"{__version__}\n")


def main() -> None:
    """Run a command; an error is told in one line (or one a fault), never as a traceback."""
    gc.set_threshold(COLLECT, *gc.get_threshold()[1:])
    try:
        command_line(sys.argv[1:])()
    except FaultsError as error:
        for fault in error.faults:
            sys.stderr.write(f"{fault}\n")
        sys.exit(error.exit_code)
    except BloomeryError as error:
        _stop(str(error), error.exit_code)
    except OSError as error:
        # A folder that cannot be written, a disk that is full: the name says which.
        _stop(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _stop(told: str, code: int = 1) -> NoReturn:
    """What stopped the command, as it is: a name in brackets is no markup."""
    Console(stderr=True, soft_wrap=True).print(Text(told, style="red"))
    sys.exit(code)
