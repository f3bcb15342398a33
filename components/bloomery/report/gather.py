"""From files to a view: plan, journals, newest measurement, policies, and the audit."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

from bloomery.errors import EvidenceError
from bloomery.evidence import Audit, PolicyReport, worst
from bloomery.evidence.judging import Part
from bloomery.evidence.measurement import Filed, Measurement, read_measurements
from bloomery.evidence.policy import parse_policy
from bloomery.plan.model import NodePlan, Plan
from bloomery.records import Outcome, Verdict
from bloomery.report.journal import STEPS, Line, bars, read_lines, took
from bloomery.report.view import HostRun, NodeView, ProofView, RackView, View

NOT_MEASURED = Outcome.NOT_MEASURED

_ORDER = {Outcome.FAIL: 0, Outcome.NOT_MEASURED: 1, Outcome.PASS: 2}
"""Who needs somebody comes first."""

_COUNTS = ("ok", "changed", "failed", "unreachable")
"""Ansible's counts, in the order people know them."""


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
        runs=_runs(plan, measurement),
        checks=_checks(plan, measurement),
        policies=policies,
        policy_part=_policy_part(plan, policies),
        proof=_proof(plan, measurement),
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
    state = measurement.nodes.get(node.name) if measurement else None
    verdicts = tuple(
        verdict
        for verdict in (measurement.verdicts if measurement else ())
        if verdict.subject == node.name
    )
    outcome = worst(verdict.outcome for verdict in verdicts)
    phase, reason, next_step, ready = _from_journal(lines)
    stale = _stale(lines, measurement, plan)
    if state and not stale:
        phase, ready, next_step = state.phase, state.ready, state.next
        reason = state.reason or next((v.reason for v in verdicts if v.reason), "")
    elif stale or not verdicts:
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


def _runs(plan: Plan, measurement: Measurement | None) -> tuple[HostRun, ...]:
    recap = measurement.runs if measurement else {}
    made = []
    for run in plan.cluster.runs:
        hosts = sorted({name for members in run.groups.values() for name in members})
        made += [_host_run(run.name, host, recap.get(run.name, {}).get(host)) for host in hosts]
    return tuple(made)


def _host_run(run: str, host: str, found: Mapping[str, int | str] | None) -> HostRun:
    if found is None:
        return HostRun(run, host, {}, "not run", NOT_MEASURED)
    counts = {key: int(found[key]) for key in _COUNTS if key in found}
    reason = str(found.get("reason", ""))
    bad = counts.get("failed", 0) + counts.get("unreachable", 0) or not counts.get("ok", 0)
    return HostRun(run, host, counts, reason, Outcome.FAIL if bad else Outcome.PASS)


def _proof(plan: Plan, measurement: Measurement | None) -> ProofView:
    endpoint = plan.cluster.endpoint
    verdict = None
    if endpoint:
        found = measurement.verdicts if measurement else ()
        asked = [verdict for verdict in found if verdict.rule == "acceptance.nonce"]
        unasked = Verdict("acceptance.nonce", endpoint, NOT_MEASURED, "nobody asked yet")
        verdict = asked[-1] if asked else unasked
    answer = measurement.answer if measurement else ""
    nonce = measurement.nonce_sha256 if measurement else ""
    return ProofView(endpoint, answer, nonce, verdict)
