"""``bloomery release ...``: one set of versions that belong together, checked and compared."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from bloomery.catalogue import Release, node_model, node_models
from bloomery.catalogue.software import NodeMode
from bloomery.check import errors
from bloomery.check.software_sets import SET_RULES, judge
from bloomery.cli.notes import EXIT_ERRORS, console, print_notes, tally_of
from bloomery.cli.release_notes import condensed
from bloomery.cli.release_tables import show_changes, show_set
from bloomery.errors import InputError
from bloomery.plan.model import SoftwarePlan
from bloomery.plan.software.release_diff import release_diff
from bloomery.plan.software.solve import solve
from bloomery.plan.software.target import WORKING, Target, targets
from bloomery.site.metal.sheet import Purpose
from bloomery.site.reading.fault_texts import suggest
from bloomery.site.release_file import load_release

app = typer.Typer(
    no_args_is_help=True, help="Releases: OS, kernel, drivers and libraries that belong together."
)

AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RELEASE = Annotated[str, typer.Argument(help="Name of a release, or its YAML file.")]


@app.callback()
def release() -> None:
    """Releases: OS, kernel, drivers and libraries that belong together."""


@app.command()
def check(name: RELEASE, as_json: AS_JSON = False) -> None:
    """Report every fault of a release, then check its software sets by every rule.

    A set is made for each model that the release lists, for each purpose and node mode. Exit code
    2 when the file has a fault (FaultsError) or a rule reports an error.
    """
    found = load_release(name)
    sets = _sets(found)
    notes = judge(sets)
    if as_json:
        told = {
            "release": found.name,
            "sets": [one.name for one in sets],
            "notes": [note.as_dict() for note in notes],
        }
        sys.stdout.write(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    else:
        out = console()
        by_model = condensed(notes, sets)
        print_notes(out, by_model)
        models = len({one.model for one in sets})
        verdict = tally_of(by_model, len(SET_RULES)) if sets else "it has no software set to check"
        out.print(
            f"{found.name}: read without a fault; sets: {len(sets)}, models: {models}; {verdict}",
            soft_wrap=True,
            markup=False,
        )
    if errors(notes):
        raise typer.Exit(EXIT_ERRORS)


def _sets(found: Release) -> tuple[SoftwarePlan, ...]:
    return tuple(one for target in targets(found) if (one := solve(found, target)))


@app.command()
def show(
    name: RELEASE,
    model: Annotated[str, typer.Argument(help="Key of a node model.")],
    purpose: Annotated[
        Purpose | None,
        typer.Option(help="Default: training, or management of a model without accelerators."),
    ] = None,
    mode: Annotated[NodeMode, typer.Option(help="How the machines are used.")] = "bare-metal",
    as_json: AS_JSON = False,
) -> None:
    """Show what machines of a model are given, in the order of installation.

    Exit code 2 when the release has a fault, gives no software, or the model is unknown.
    """
    found = load_release(name)
    if model not in node_models():
        hint = suggest(model, node_models(), "models")
        raise InputError(f"unknown model {model!r}", next_step=hint)
    known = node_model(model)
    wanted = purpose or (WORKING[0] if known.accelerator else "management")
    made = solve(found, Target(known, wanted, mode))
    if made is None:
        raise InputError(f"release {found.name} has no software set")
    if as_json:
        sys.stdout.write(json.dumps(asdict(made), indent=1, ensure_ascii=False) + "\n")
    else:
        show_set(console(), made)


@app.command()
def diff(
    old: RELEASE,
    new: RELEASE,
    model: Annotated[str, typer.Option(help="This model alone.")] = "",
    as_json: AS_JSON = False,
) -> None:
    """Show what changes from one release to another, model by model, and what it takes.

    Reboot and restart are what a live machine of the model needs; ``bloomery impact SITE`` names
    the machines. Exit code 0 whether they differ or not, 2 when a release has a fault.
    """
    found = release_diff(load_release(old), load_release(new), model)
    if model and not found:
        raise InputError(f"neither release lists model {model!r}")
    if as_json:
        told = [asdict(one) for one in found]
        sys.stdout.write(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    else:
        show_changes(console(), old, new, found)
