"""One site as a Pulumi programme: load, plan, check, say what it does, build."""

from __future__ import annotations

import os

import pulumi

import layers
from bloomery.check import review
from bloomery.errors import BloomeryError
from bloomery.plan import make_plan
from bloomery.plan.impact_words import impact_lines
from bloomery.provider.watch import end_programme_with_engine
from bloomery.report.change import change
from bloomery.site import find_site, load
from bloomery.statedir import ENV_SITE, StateDir


def main() -> None:
    """Stop with one line while the shell is not set up, or the plan does not hold."""
    end_programme_with_engine()
    name = pulumi.Config().require("site")
    if os.environ.get(ENV_SITE) != name:
        raise pulumi.RunError(f'this shell is not set up: run  eval "$(bloomery env {name})"')
    try:
        plan = make_plan(load(find_site(name)))
    except BloomeryError as error:
        raise pulumi.RunError(str(error)) from None
    notes = review(plan)
    for note in notes:
        if note.severity != "error":
            pulumi.log.warn(str(note))
    errors = [str(note) for note in notes if note.severity == "error"]
    if errors:
        raise pulumi.RunError("\n".join(errors))
    found = change(plan, StateDir.of(name, os.environ))
    pulumi.log.info("\n".join(impact_lines(found)))
    layers.build(plan, found)


main()
