"""One machine as the page shows it: its phase by the journal, its outcome by the verdicts."""

from __future__ import annotations

import datetime

from bloomery.evidence import worst
from bloomery.evidence.measurement import Measurement
from bloomery.plan.model import NodePlan, Plan
from bloomery.records import Outcome, Verdict
from bloomery.report.journal import STEPS, Line, bars, took
from bloomery.report.view import NodeView

NOT_MEASURED = Outcome.NOT_MEASURED

NOTHING = "nothing was measured yet"
OTHER_PLAN = "measured on another plan"
LEFT_OUT = "the latest measurement has no verdict on this machine"
WORKED_ON = "changed since it was measured"
"""Why a machine is not measured."""


def node_view(
    node: NodePlan, lines: tuple[Line, ...], measurement: Measurement | None, plan: Plan
) -> NodeView:
    """A machine of the plan, by its journal and the newest measurement."""
    verdicts = _verdicts(node, measurement)
    gap = _gap(lines, verdicts, measurement, plan)
    last = _last(lines)
    outcome, reason, next_step = _unmeasured(last, gap) if gap else _measured(last, verdicts)
    return NodeView(
        name=node.name,
        pool=node.pool,
        purpose=node.purpose,
        model=node.model,
        rack=node.rack,
        unit=node.unit,
        height=node.height,
        address=node.host.address,
        bmc=node.bmc.address,
        phase=last.phase if last else "no journal" if verdicts else "not started",
        outcome=outcome,
        reason=reason,
        next_step=next_step,
        took=took(bars(node.name, lines)),
        verdicts=verdicts,
    )


def _verdicts(node: NodePlan, measurement: Measurement | None) -> tuple[Verdict, ...]:
    found = measurement.verdicts if measurement else ()
    return tuple(verdict for verdict in found if verdict.subject == node.name)


def _last(lines: tuple[Line, ...]) -> Line | None:
    """The newest line that moved the machine; a stuck try that went on later is none."""
    moved = (line for line in reversed(lines) if line.event in STEPS)
    return next(moved, lines[-1] if lines else None)


def _gap(
    lines: tuple[Line, ...],
    verdicts: tuple[Verdict, ...],
    measurement: Measurement | None,
    plan: Plan,
) -> str:
    """Why the newest measurement says nothing about this machine now; empty when it does."""
    if measurement is None:
        return NOTHING
    if measurement.plan_digest != plan.digest:
        return OTHER_PLAN
    if not verdicts:
        return LEFT_OUT
    moved = [line for line in lines if line.event in STEPS]
    if moved and moved[-1].t > datetime.datetime.fromisoformat(measurement.time):
        return WORKED_ON
    return ""


def _unmeasured(last: Line | None, gap: str) -> tuple[Outcome, str, str]:
    """Outcome, reason and next step by the journal alone: stuck is a failure, nothing passes."""
    if last is None:
        return NOT_MEASURED, gap, ""
    outcome = Outcome.FAIL if last.event == "stuck" else NOT_MEASURED
    return outcome, last.reason or gap, last.next_step


def _measured(last: Line | None, verdicts: tuple[Verdict, ...]) -> tuple[Outcome, str, str]:
    """Outcome, reason and next step by the verdicts.

    A verdict may repeat what the journal says; then the journal's words are shown, which keep
    reason and next step apart. A journal that says something else is older than the verdicts.
    """
    outcome = worst(verdict.outcome for verdict in verdicts)
    if outcome is Outcome.PASS:
        return outcome, "", ""
    whys = [verdict.reason for verdict in verdicts if verdict.outcome is not Outcome.PASS]
    if last and last.reason and any(last.reason in why for why in whys):
        others = [why for why in whys if last.reason not in why]
        return outcome, _joined([last.reason, *others]), last.next_step
    return outcome, _joined(whys), ""


def _joined(reasons: list[str]) -> str:
    """Each reason once, in their order."""
    return "; ".join(dict.fromkeys(reason for reason in reasons if reason))
