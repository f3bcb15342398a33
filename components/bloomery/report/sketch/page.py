"""One self-contained page from a plan. No script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bloomery.check import RULES, Note, Rule, together
from bloomery.plan.model import Plan
from bloomery.plan.totals import Total, totals
from bloomery.report.files.bom import bom
from bloomery.report.page import TEMPLATES
from bloomery.report.racks import NARROW, WIDE
from bloomery.report.sketch.coolant import loops
from bloomery.report.sketch.network import drawings
from bloomery.report.sketch.ports import port_lines
from bloomery.report.sketch.power import HIGH, power_tree
from bloomery.report.sketch.power import WIDE as BOX
from bloomery.report.sketch.racks import FEW, SQUARE, floor

HOLDS = "pass"
NOT_ASKED = "not evaluated"
"""Verdict of every rule where the plan was not reviewed."""

OPEN = 12
"""Rows up to which a table is shown unfolded."""


def page(plan: Plan, notes: Sequence[Note] | None = None) -> str:
    """The page as HTML text. The same plan gives the same bytes.

    ``notes`` are what the rules said; without them no rule is said to hold.
    """
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
        notes=None if notes is None else together(notes),
        holds=HOLDS,
        style=Markup(style),  # noqa: S704  # our own file, no input of anyone
        totals={(total.noun, total.name): total for total in totals(plan)},
        cards=_cards(totals(plan)),
        floor=ground,
        rack_width=WIDE if len(ground.layouts) <= FEW else NARROW,
        side=SQUARE,
        tree=power_tree(plan),
        box=(BOX, HIGH),
        networks=drawings(plan),
        ports=port_lines(plan),
        loops=loops(plan),
        bom=bom(plan),
        rules=[(rule, _verdict(rule, plan, notes)) for rule in RULES],
        open=OPEN,
    )


def _verdict(rule: Rule, plan: Plan, notes: Sequence[Note] | None) -> str:
    """Number of findings of the rule, that it passes, or why it is not applicable."""
    if notes is None:
        return NOT_ASKED
    if precondition := rule.lacks(plan):
        return f"not applicable: no {precondition.what}"
    said = Counter(note.severity.value for note in notes if note.id == rule.id)
    words = (f"{count} {word}" + ("s" if count > 1 else "") for word, count in said.items())
    lacking = (f"no {it.what} of {len(of)}" for it, of in rule.passes_by(plan).items())
    return "; in part: ".join([", ".join(words) or HOLDS, *lacking])


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
