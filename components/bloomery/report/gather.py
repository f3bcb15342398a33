"""From files to a view: plan, journals, newest measurement, policies, and the audit."""

from __future__ import annotations

import datetime
from pathlib import Path

from bloomery.errors import EvidenceError
from bloomery.evidence import Audit, PolicyReport, worst
from bloomery.evidence.judging import Part
from bloomery.evidence.measurement import Filed, Measurement, read_measurements
from bloomery.evidence.policy import parse_policy
from bloomery.plan.model import NodePlan, Plan
from bloomery.records import Outcome, Verdict
from bloomery.report.journal import STEPS, Line, bars, read_lines, took
from bloomery.report.view import NodeView, RackView, View

NOT_MEASURED = Outcome.NOT_MEASURED

_ORDER = {Outcome.FAIL: 0, Outcome.NOT_MEASURED: 1, Outcome.PASS: 2}
"""Who needs somebody comes first."""


def gather(
    plan: Plan,
    *,
    journal: Path,
    evidence: Path,
    audit: Audit | None,
    now: datetime.datetime,
) -> View:
    """The view of a site from what lies in its state directory.

    Files that cannot be read become problems of the view, never a silent gap.
    """
    problems: list[str] = []
    measurement = _newest(evidence, problems)
    lines = {node.name: read_lines(journal / f"{node.name}.jsonl") for node in plan.metal.nodes}
    nodes = tuple(_node(node, lines[node.name], measurement, plan) for node in plan.metal.nodes)
    by_name = {node.name: node for node in nodes}
    policies = _policies(evidence, problems)
    return View(
        site=plan.site.name,
        country=plan.site.country,
        location=plan.site.location,
        lab=plan.site.lab,
        release=plan.site.release,
        plan_digest=plan.digest,
        made_at=now,
        racks=tuple(
            RackView(
                rack.name,
                rack.units,
                rack.power_kw,
                rack.power_limit_kw,
                tuple(by_name[name] for name in rack.nodes),
            )
            for rack in plan.metal.racks
        ),
        nodes=tuple(sorted(nodes, key=lambda node: _ORDER[node.outcome])),
        bars=tuple(bar for name, found in lines.items() for bar in bars(name, found)),
        checks=_checks(plan, measurement),
        attachments=measurement.attachments if measurement else (),
        policies=policies,
        policy_part=_policy_part(plan, policies),
        audit=audit,
        parts=_parts(audit),
        outcome=_outcome(plan, audit),
        measured_at=measurement.time if measurement else "",
        problems=tuple(problems),
    )


def _newest(evidence: Path, problems: list[str]) -> Measurement | None:
    try:
        filed: tuple[Filed, ...] = read_measurements(evidence)
    except EvidenceError as error:
        problems.append(str(error))
        return None
    return filed[-1].measurement if filed else None


def _policies(evidence: Path, problems: list[str]) -> PolicyReport | None:
    path = evidence / "policy.json"
    try:
        return parse_policy(path.read_bytes()) if path.exists() else None
    except EvidenceError as error:
        problems.append(str(error))
        return None


def _parts(audit: Audit | None) -> tuple[Part, ...]:
    """Of the newest record that holds; it says so where there is none."""
    if audit and audit.records:
        return audit.records[-1].parts
    if audit is None:
        return (Part("record", NOT_MEASURED, "the records were not verified"),)
    if audit.empty:
        return (Part("record", NOT_MEASURED, "nothing is sealed: bloomery evidence seal"),)
    return (Part("record", Outcome.FAIL, "no record holds"),)


def _outcome(plan: Plan, audit: Audit | None) -> Outcome:
    """Of the newest record, if it is about this plan and its chain is sound."""
    if audit is None or audit.empty:
        return NOT_MEASURED
    if audit.findings:
        return Outcome.FAIL
    record = audit.records[-1]
    return record.outcome if record.plan_digest == plan.digest else NOT_MEASURED


def _policy_part(plan: Plan, report: PolicyReport | None) -> Part:
    if report is None:
        return Part("policies", NOT_MEASURED, "no policy was run on this site yet")
    if report.plan_digest != plan.digest:
        return Part("policies", NOT_MEASURED, "policies were run on another plan than today's")
    return Part("policies", report.outcome)


def _node(
    node: NodePlan, lines: tuple[Line, ...], measurement: Measurement | None, plan: Plan
) -> NodeView:
    verdicts = tuple(
        verdict
        for verdict in (measurement.verdicts if measurement else ())
        if verdict.subject == node.name
    )
    outcome = worst(verdict.outcome for verdict in verdicts)
    phase, reason, next_step, ready = _from_journal(lines)
    stale = _stale(lines, measurement, plan)
    if verdicts and not stale:
        ready = outcome is Outcome.PASS
        reason = reason or next((v.reason for v in verdicts if v.reason), "")
    else:
        stuck = bool(lines) and _last(lines).event == "stuck"
        outcome = Outcome.FAIL if stuck else NOT_MEASURED
        reason = reason or stale or "nothing was measured yet"
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
        phase=phase,
        outcome=outcome,
        ready=ready,
        reason=reason,
        next_step=next_step,
        took=took(bars(node.name, lines)),
        verdicts=verdicts,
    )


def _last(lines: tuple[Line, ...]) -> Line:
    """The newest line that moved the machine; a stuck try that went on later is none."""
    return next((line for line in reversed(lines) if line.event in STEPS), lines[-1])


def _from_journal(lines: tuple[Line, ...]) -> tuple[str, str, str, bool]:
    """Phase, reason, next step, and whether the machine was brought up to its end."""
    if not lines:
        return "not started", "", "", False
    last = _last(lines)
    up = last.phase == "reachable" and last.event == "done"
    return last.phase, last.reason, last.next_step, up


def _stale(lines: tuple[Line, ...], measurement: Measurement | None, plan: Plan) -> str:
    """Why the measurement does not speak for this machine now; empty when it does."""
    if measurement is None:
        return ""
    if measurement.plan_digest != plan.digest:
        return "measured on another plan"
    moved = [line for line in lines if line.event in STEPS]
    if moved and moved[-1].t > datetime.datetime.fromisoformat(measurement.time):
        return "worked on since it was measured"
    return ""


def _checks(plan: Plan, measurement: Measurement | None) -> tuple[Verdict, ...]:
    names = {node.name for node in plan.metal.nodes}
    found = measurement.verdicts if measurement else ()
    return tuple(verdict for verdict in found if verdict.subject not in names)
