"""One self-contained page from a plan. No script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bloomery.check import Note
from bloomery.plan.model import Plan
from bloomery.plan.totals import Total, totals
from bloomery.report.files.bom import bom
from bloomery.report.page import TEMPLATES
from bloomery.report.racks import NARROW, WIDE
from bloomery.report.sketch.coolant import loops
from bloomery.report.sketch.network import drawings
from bloomery.report.sketch.power import HIGH, power_tree
from bloomery.report.sketch.power import WIDE as BOX
from bloomery.report.sketch.racks import FEW, SQUARE, floor

OPEN = 12
"""Rows up to which a table is shown unfolded."""


def page(plan: Plan, notes: Sequence[Note] = ()) -> str:
    """The page as HTML text. The same plan gives the same bytes."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=_count, short=lambda digest: digest[:12])
    sheets = ("style.css", "plan.css")
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in sheets)
    ground = floor(plan)
    return environment.get_template("plan.html.j2").render(
        plan=plan,
        notes=notes,
        style=Markup(style),  # noqa: S704  # our own file, no input of anyone
        totals={(total.noun, total.name): total for total in totals(plan)},
        cards=_cards(totals(plan)),
        floor=ground,
        rack_width=WIDE if len(ground.layouts) <= FEW else NARROW,
        side=SQUARE,
        tree=power_tree(plan),
        box=(BOX, HIGH),
        networks=drawings(plan),
        loops=loops(plan),
        bom=bom(plan),
        open=OPEN,
    )


def _count(value: float) -> str:
    """``49,152``, ``28.7``: a number as a person reads it."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"


def _cards(found: Sequence[Total]) -> dict[str, list[Total]]:
    """Noun -> its sums that are not zero."""
    cards: dict[str, list[Total]] = {}
    for total in found:
        if total.value:
            cards.setdefault(total.noun, []).append(total)
    return cards
