"""From files to a view: plan, journals, newest measurement, policies, and the audit."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

from bloomery.errors import EvidenceError
from bloomery.evidence import Audit, PolicyReport
from bloomery.evidence.judging import Part
from bloomery.evidence.measurement import Filed, Measurement, read_measurements
from bloomery.evidence.policy import parse_policy
from bloomery.plan.model import Plan
from bloomery.records import Attachment, Outcome, Verdict
from bloomery.report.journal import bars, read_lines
from bloomery.report.nodes import NOT_MEASURED, NOTHING, OTHER_PLAN, node_view
from bloomery.report.view import RackView, View

_ORDER = {Outcome.FAIL: 0, Outcome.NOT_MEASURED: 1, Outcome.PASS: 2}
"""What fails comes first."""


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
    nodes = tuple(node_view(node, lines[node.name], measurement, plan) for node in plan.metal.nodes)
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
        attachments=_attachments(plan, measurement),
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
    """Of the newest record that could be verified; one that says why where there is none."""
    if audit and audit.records:
        return audit.records[-1].parts
    if audit is None:
        return (Part("record", NOT_MEASURED, "the records were not verified"),)
    if audit.empty:
        return (Part("record", NOT_MEASURED, "no record is sealed yet: bloomery evidence seal"),)
    return (Part("record", Outcome.FAIL, "no record could be verified"),)


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
        return Part(
            "policies", NOT_MEASURED, "policies were run on another plan than the current one"
        )
    return Part("policies", report.outcome)


def _checks(plan: Plan, measurement: Measurement | None) -> tuple[Verdict, ...]:
    """Verdicts that concern no single machine, as they hold for this plan, worst first."""
    if measurement is None:
        return (Verdict("acceptance", plan.site.name, NOT_MEASURED, NOTHING),)
    names = {node.name for node in plan.metal.nodes}
    found = [verdict for verdict in measurement.verdicts if verdict.subject not in names]
    if measurement.plan_digest == plan.digest:
        return tuple(sorted(found, key=lambda verdict: _ORDER[verdict.outcome]))
    return tuple(
        replace(verdict, outcome=NOT_MEASURED, reason=OTHER_PLAN, observation=None)
        for verdict in found
    )


def _attachments(plan: Plan, measurement: Measurement | None) -> tuple[Attachment, ...]:
    """Tables of a measurement of this plan."""
    ours = measurement is not None and measurement.plan_digest == plan.digest
    return measurement.attachments if measurement and ours else ()
