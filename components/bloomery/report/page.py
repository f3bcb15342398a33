"""One self-contained page from a view. No script, no font, no picture from elsewhere."""

from __future__ import annotations

import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bloomery.evidence.judging import tally
from bloomery.records import Outcome, Verdict
from bloomery.report.racks import FEW, NARROW, WIDE, elevation
from bloomery.report.timeline import BESIDE, WIDTH, clock, timeline
from bloomery.report.view import PHASES, View

TEMPLATES = Path(__file__).parent / "templates"
"""Folder of the page's template and its style."""

WORDS = {
    Outcome.PASS: ("pass", "Pass", "✓"),
    Outcome.FAIL: ("fail", "Fail", "✕"),
    Outcome.NOT_MEASURED: ("none", "Not measured", "–"),
}
"""Outcome -> class of the style, word, and sign: never told by colour alone."""

MANY = 24
"""Rows above which a table is folded; of machines those that pass."""


def render(view: View) -> str:
    """The page as HTML text."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        css=lambda outcome: WORDS[outcome][0],
        word=lambda outcome: WORDS[outcome][1],
        sign=lambda outcome: WORDS[outcome][2],
        clock=clock,
        short=lambda digest: digest[:12],
        moment=_moment,
        observed=_observed,
    )
    names = [node.name for rack in view.racks for node in rack.nodes]
    beside = len(view.racks) == 1 and len(view.nodes) <= MANY
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    return environment.get_template("page.html.j2").render(
        view=view,
        style=Markup(style),  # noqa: S704  # our own file, no input of anyone
        racks=[elevation(rack, alone=beside) for rack in view.racks],
        rack_width=WIDE if len(view.racks) <= FEW else NARROW,
        time=timeline(view.bars, names, BESIDE if beside else WIDTH),
        beside=beside,
        phases=PHASES,
        tally={o.value: n for o, n in tally(node.outcome for node in view.nodes).items()},
        many=MANY,
        folded=len(view.nodes) > MANY,
        Outcome=Outcome,
    )


def _moment(value: datetime.datetime | str) -> str:
    """``2026-11-21 14:03 UTC``; the text itself where it is no time."""
    try:
        moment = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _observed(verdict: Verdict) -> str:
    """``yes``, ``200``, ``3.5 kW`` or a text; empty where nothing was observed."""
    seen = verdict.observation
    if seen is None or seen.value is None:
        return ""
    if isinstance(seen.value, bool):
        return "yes" if seen.value else "no"
    value = seen.value if isinstance(seen.value, str) else f"{seen.value:g}"
    return f"{value} {seen.unit}".strip()
