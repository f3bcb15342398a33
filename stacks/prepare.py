"""All that is known of a site before its first resource: its plan, and what that changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

import pulumi

import layers
from bloomery.check import review, together
from bloomery.errors import BloomeryError
from bloomery.plan import make_plan
from bloomery.plan.impact_words import impact_lines, renumbered_lines
from bloomery.report.change import change
from bloomery.resources.acceptance import Acceptance
from bloomery.site import find_site, load
from bloomery.statedir import StateDir


def prepare(name: str) -> Callable[[], Acceptance]:
    """Load, plan, check and say what the plan does; returns what registers its resources.

    RunError with all faults where the plan does not hold.
    """
    try:
        plan = make_plan(load(find_site(name)))
    except BloomeryError as error:
        raise pulumi.RunError(str(error)) from None
    notes = together(review(plan))
    for note in notes:
        if note.severity != "error":
            pulumi.log.warn(str(note))
    errors = [str(note) for note in notes if note.severity == "error"]
    if errors:
        raise pulumi.RunError("\n".join(errors))
    found = change(plan, StateDir.of(name, os.environ))
    if found.renumbered:
        raise pulumi.RunError("\n".join(renumbered_lines(found)))
    pulumi.log.info("\n".join(impact_lines(found)))
    return partial(layers.build, plan, found)
