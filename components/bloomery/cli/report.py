"""``bloomery report``: the page of a site, and the summary a bring-up ends with."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bloomery.cli.evidence import audit_site
from bloomery.cli.evidence_sources import Place, place
from bloomery.cli.notes import console
from bloomery.evidence.canonical import write_durably
from bloomery.plan import make_plan
from bloomery.report.gather import gather
from bloomery.report.page import render
from bloomery.report.summary import summary
from bloomery.report.view import View
from bloomery.site import load

PAGE = "index.html"
"""File of the page inside the site's report directory."""


def report(
    site: Annotated[str, typer.Argument(help="Name of a site, or its directory.")],
    out: Annotated[Path | None, typer.Option(help="Write the page here instead.")] = None,
) -> None:
    """Write the site's page: racks, machines, bring-up, checks, policies and records."""
    at = place(site, os.environ)
    screen = console()
    view = view_of(at, screen)
    path = _write(at, view, out)
    screen.print(summary(view, str(path)), soft_wrap=True)


def view_of(at: Place, screen: Console) -> View:
    """Everything the page shows, with the records verified just now."""
    audit, _ = audit_site(at, screen)
    return gather(
        make_plan(load(at.path)),
        journal=at.state.journal,
        evidence=at.state.evidence,
        audit=audit,
        now=datetime.datetime.now(datetime.UTC),
    )


def page_of(site: str, env: Mapping[str, str]) -> Path:
    """Write the page where the stack's output says it is. Returns its path."""
    at = place(site, env)
    return _write(at, view_of(at, console()), None)


def print_summary(site: str, env: Mapping[str, str], screen: Console) -> None:
    """The last lines of a bring-up: machines, checks, and where the page is."""
    at = place(site, env)
    screen.print(summary(view_of(at, screen), str(at.state.report / PAGE)), soft_wrap=True)


def _write(at: Place, view: View, out: Path | None) -> Path:
    path = (out or at.state.report / PAGE).absolute()
    write_durably(path, render(view).encode())
    return path
