"""``bloomery impact``: what the next change would do to the metal, without an engine."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from bloomery.plan import make_plan
from bloomery.plan.impact_words import impact_lines
from bloomery.report.change import change
from bloomery.site import find_site, load
from bloomery.statedir import StateDir


def impact(site: Annotated[str, typer.Argument(help="Name of a site, or its directory.")]) -> None:
    """Show which machines reboot, which disks are wiped and what else changes.

    The same lines as in the preview. Hours are estimated upper bounds on metal. Exit code 1
    when the change exceeds the site's change budget, its impact is unknown, or numbers of racks
    in use would move.
    """
    plan = make_plan(load(find_site(site)))
    found = change(plan, StateDir.of(plan.site.name, os.environ))
    sys.stdout.write("\n".join(impact_lines(found)) + "\n")
    if found.exceeded or found.unknown or found.renumbered:
        raise typer.Exit(1)
