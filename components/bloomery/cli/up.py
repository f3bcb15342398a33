"""``bloomery up`` and ``bloomery down``: the main job, from the site's files to its page.

``up`` is what a person would type one by one: the lab where the site is one, policies on
the preview, ``pulumi up``, seal, verify, page. Each part is timed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bloomery import lab
from bloomery.cli.env import environment, prepare_stack
from bloomery.cli.evidence import check_policies, seal_site, verify_site
from bloomery.cli.project import engine, project_dir
from bloomery.cli.report import page_of, print_summary
from bloomery.cli.stackfile import is_slow
from bloomery.cli.stopwatch import Stopwatch
from bloomery.errors import BloomeryError
from bloomery.plan import make_plan
from bloomery.plan.model import Plan
from bloomery.site import find_site, load
from bloomery.statedir import StateDir

TIMINGS = "timings.json"
"""File in the site's state directory: part -> seconds of the last ``bloomery up``."""

Site = Annotated[str, typer.Argument(help="Name of a site, or its directory.")]


def up(site: Site) -> None:
    """Bring a site up: lab, policies, pulumi up, seal, verify, page, summary."""
    console = Console(highlight=False)
    place = find_site(site)
    plan = make_plan(load(place))
    values = environment(plan.site.name, os.environ)
    env = {**os.environ, **values}
    state = StateDir.of(plan.site.name, env)
    watch = Stopwatch(console, state.path / TIMINGS)
    if plan.site.lab:
        with watch.part("lab", "lab: image, mirror, BMCs"):
            lab.up(place, env, progress=lambda line: console.print(f"   {line}"))
    project = project_dir(Path.cwd())
    slow = is_slow(node.model for node in plan.metal.nodes)
    prepare_stack(values, os.environ, project, lab=plan.site.lab, slow=slow)
    with watch.part("policies", "policies: pulumi preview --policy-pack policies/sovereign"):
        check_policies(plan.site.name, env)
    done = _engine_up(watch, plan, project, env)
    with watch.part("evidence", "evidence: seal and verify"):
        seal_site(plan.site.name, env)
        verified = verify_site(plan.site.name, env, console)
    with watch.part("report", "report: one page"):
        page_of(plan.site.name, env)
    print_summary(plan.site.name, env, console)
    if done or not verified:
        raise typer.Exit(1)


def _engine_up(watch: Stopwatch, plan: Plan, project: Path, env: Mapping[str, str]) -> int:
    name = plan.site.name
    with watch.part("pulumi-up", f"pulumi up: {len(plan.metal.nodes)} machines"):
        words = ["up", "--yes", "--skip-preview", "--suppress-progress", "--stack", name]
        return engine(words, project, env).returncode


def down(site: Site) -> None:
    """Release the machines of a site, and remove its lab if it is one."""
    console = Console(highlight=False)
    plan = make_plan(load(find_site(site)))
    name = plan.site.name
    env = {**os.environ, **environment(name, os.environ)}
    project = project_dir(Path.cwd())
    state = StateDir.of(name, env)
    gone = False
    if any(state.backend.rglob(f"{name}.json")) and lab_answers(plan, env):
        done = engine(["destroy", "--yes", "--skip-preview", "--stack", name], project, env)
        gone = done.returncode == 0
    if plan.site.lab:
        lab.down(name, env, progress=console.print)
        if not gone and any(state.backend.rglob(f"{name}.json")):
            # The machines are gone with the lab, so nothing is left that could be released.
            engine(["stack", "rm", "--yes", "--force", name], project, env)
    elif not gone:
        raise BloomeryError(
            "the stack was not destroyed",
            subject=name,
            next_step="see the messages of the engine above",
        )


def lab_answers(plan: Plan, env: Mapping[str, str]) -> bool:
    """Whether the machines can still be asked; a lab that is gone answers nothing."""
    if not plan.site.lab:
        return True
    try:
        return bool(lab.status(plan.site.name, env))
    except BloomeryError:
        return False
