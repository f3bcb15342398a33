"""Rule C5: a loop carries its racks with any one CDU, pump or feed out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bloomery.check.coolant_view import WATT, LoopView, views
from bloomery.check.preconditions import LOOPS
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import CduPlan, Plan, SourcePlan


@dataclass(frozen=True)
class _Loss:
    """One thing out: what is left of each CDU that it concerns, 0 to 1."""

    what: str
    left: Mapping[str, float]


def _spare(plan: Plan) -> Iterator[Finding]:
    sources = {source.name: source for source in plan.metal.sources}
    for view in views(plan):
        if not view.cdus:
            yield Finding(
                subject=view.loop.name,
                value="no CDU",
                limit=f"{view.total_kw:.1f} kW to remove",
                remedy="add CDUs to the loop",
            )
        for loss in _losses(view, sources):
            yield from _short(view, loss)


def _losses(view: LoopView, sources: Mapping[str, SourcePlan]) -> Iterator[_Loss]:
    if view.cdus:
        largest = max(view.cdus, key=lambda cdu: (view.capacity_kw(cdu), cdu.flow_limit_lpm))
        yield _Loss(f"CDU {largest.name}", {largest.name: 0.0})
    for cdu in view.cdus:
        # Without a pump to spare, what is left moves its share of flow and of heat.
        if cdu.pumps - 1 < cdu.pumps_needed:
            left = max(cdu.pumps - 1, 0) / max(cdu.pumps_needed, 1)
            yield _Loss(f"a pump of {cdu.name}", {cdu.name: left})
    for feed, names in sorted(_fed_by(view, sources).items()):
        yield _Loss(feed, dict.fromkeys(names, 0.0))


def _fed_by(view: LoopView, sources: Mapping[str, SourcePlan]) -> Mapping[str, list[str]]:
    """Feed or side -> CDUs that stop when it is lost; those with another way in go on."""
    found: dict[str, list[str]] = defaultdict(list)
    for cdu in view.cdus:
        if len(set(cdu.feeds)) <= 1:
            found[f"feed {cdu.feeds[0]}" if cdu.feeds else "any feed"].append(cdu.name)
            continue
        sides = {sources[feed].side for feed in cdu.feeds if feed in sources}
        if len(sides) == 1 and sides != {""}:
            found[f"side {next(iter(sides))}"].append(cdu.name)
    return found


def _short(view: LoopView, loss: _Loss) -> Iterator[Finding]:
    def left(cdu: CduPlan) -> float:
        return loss.left.get(cdu.name, 1.0)

    sums = (
        ("kW", view.total_kw, sum(left(cdu) * view.capacity_kw(cdu) for cdu in view.cdus)),
        ("L/min", view.flow_lpm, sum(left(cdu) * cdu.flow_limit_lpm for cdu in view.cdus)),
    )
    for unit, needed, there in sums:
        if there < needed - WATT:
            yield Finding(
                subject=f"{view.loop.name} without {loss.what}",
                value=f"{there:.1f} {unit} remaining",
                limit=f"{needed:.1f} {unit} needed by its racks",
                margin=f"{there - needed:.1f} {unit}",
                remedy="add a CDU, feed each from both sides, or remove racks from the loop",
            )


RULES = (
    Rule(
        "C5",
        "A loop cools its racks with any one CDU, pump or feed out of service",
        "N+1 at the declared approach and facility water",
        _spare,
        (LOOPS,),
    ),
)
