"""``plan --netbox-existing``: what the NetBox of an export lacks of a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from bloomery.errors import InputError
from bloomery.plan import Plan

if TYPE_CHECKING:
    from bloomery.report.netbox.compare import Missing

EXISTING_HELP = (
    "What a NetBox has, a folder of its exports or a JSON file of its REST answers: "
    "left out of the NetBox files."
)
"""Of the option."""


def needs_out(export: Path | None, out: Path | None) -> None:
    """Raises InputError where no files are wanted."""
    if export is not None and out is None:
        raise InputError("--netbox-existing is about files", next_step="add --out DIR")


def lacking(screen: Console, made: Plan, export: Path | None) -> Missing | None:
    """None without an export: everything. Raises FaultsError with everything that clashes."""
    if export is None:
        return None
    from bloomery.report.files.netbox import tables  # templates: only where somebody wants files
    from bloomery.report.netbox.compare import missing
    from bloomery.report.netbox.read import read_existing

    left = missing(tables(made), read_existing(export))
    if left.held:
        first = ", ".join(left.held[:3])
        screen.print(
            f"{export}: another site has devices of {len(left.held)} of the names ({first}): "
            "interfaces and cables are held back; import the files, export again, plan again",
            soft_wrap=True,
            markup=False,
        )
    return left
