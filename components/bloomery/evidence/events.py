"""Reading the engine's event log of a preview that ran policy packs.

The engine prints findings for people; its event log (``--event-log``, with
PULUMI_DEBUG_COMMANDS set) has them for programmes, with the rules that passed beside
those that failed. A rule that saw nothing, met an unknown value, or ran in a preview that
did not finish is not measured.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bloomery.errors import EvidenceError
from bloomery.evidence.judging import worst
from bloomery.evidence.policy import Pack, PolicyFinding, PolicyReport, PolicyRule
from bloomery.records import Outcome

SITE_TYPE = "bloomery:site:Site"
"""Resource whose inputs say which plan was previewed."""

CANNOT_RUN = "can't run policy '"
"""How the SDK reports a rule that met an unknown value; it makes an advisory of it."""


def from_events(
    lines: Iterable[str], *, packs: Sequence[Pack], site: str, time: str
) -> PolicyReport:
    """Read the engine's event log of a ``pulumi preview --policy-pack``.

    ``packs`` are those the preview was run with. Raises EvidenceError for a line that
    is not an event; a log that breaks off gives results that are not measured.
    """
    seen = _Seen({(pack.name, rule.rule): rule for pack in packs for rule in pack.rules})
    for line in lines:
        if line.strip():
            seen.take(_event(line))
    return PolicyReport(
        site=site,
        time=time,
        plan_digest=seen.plan_digest,
        finished=seen.finished,
        packs={pack.name: f"{pack.version} sha256:{pack.sha256}" for pack in packs},
        rules=tuple(seen.judged(key) for key in seen.rules),
    )


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        raise EvidenceError("the event log holds a line that is not an event") from None
    return event if isinstance(event, dict) else {}


def _subject(urn: str) -> str:
    """``Node lab-train-01`` from a URN; the whole text when it is none."""
    parts = urn.split("::")
    if len(parts) < 4:
        return urn
    return f"{parts[2].rpartition('$')[2].rpartition(':')[2]} {parts[3]}"


class _Seen:
    """What the events have told so far."""

    def __init__(self, rules: dict[tuple[str, str], PolicyRule]) -> None:
        self.rules = rules
        self.plan_digest = ""
        self._result = ""
        self._passed: dict[tuple[str, str], list[str]] = {}
        self._findings: dict[tuple[str, str], list[PolicyFinding]] = {}

    @property
    def finished(self) -> bool:
        """The preview ended well, or it ended because of a finding of ours."""
        return self._result == "succeeded" or (
            self._result == "failed" and any(self._failed(key) for key in self.rules)
        )

    def take(self, event: Mapping[str, Any]) -> None:
        """Learn from one event; events about other things are passed over."""
        if finding := event.get("policyEvent"):
            self._take_finding(finding)
        for kind in ("policyAnalyzeSummaryEvent", "policyAnalyzeStackSummaryEvent"):
            if summary := event.get(kind):
                self._take_summary(summary)
        if step := event.get("resourcePreEvent"):
            new = step["metadata"].get("new") or {}
            if new.get("type") == SITE_TYPE:
                self.plan_digest = str(new.get("inputs", {}).get("planDigest", ""))
        if summary := event.get("summaryEvent"):
            self._result = str(summary.get("result", ""))

    def _take_finding(self, event: Mapping[str, Any]) -> None:
        key = (str(event["policyPackName"]), str(event["policyName"]))
        self.rules.setdefault(key, PolicyRule(*key, level=str(event["enforcementLevel"])))
        text = str(event["message"]).strip()
        lines = [line for line in text.splitlines() if line != self.rules[key].description]
        message = next((line.strip() for line in lines if line.strip()), text)
        unknown = CANNOT_RUN in text
        outcome = Outcome.NOT_MEASURED if unknown else Outcome.FAIL
        subject = _subject(str(event.get("resourceUrn", "")))
        self._findings.setdefault(key, []).append(PolicyFinding(subject, message, outcome))

    def _take_summary(self, event: Mapping[str, Any]) -> None:
        for name in event.get("passed") or []:
            key = (str(event["policyPackName"]), str(name))
            self.rules.setdefault(key, PolicyRule(*key))
            subject = _subject(str(event.get("resourceUrn", "stack")))
            self._passed.setdefault(key, []).append(subject)

    def _failed(self, key: tuple[str, str]) -> bool:
        return any(finding.outcome is Outcome.FAIL for finding in self._findings.get(key, ()))

    def judged(self, key: tuple[str, str]) -> PolicyRule:
        """The rule with its outcome."""
        rule = self.rules[key]
        passed = tuple(self._passed.get(key, ()))
        findings = tuple(self._findings.get(key, ()))
        outcome, reason = Outcome.PASS, ""
        if findings:
            outcome = worst(finding.outcome for finding in findings)
            reason = f"{findings[0].subject}: {findings[0].message}"
        elif self._result != "succeeded":
            outcome, reason = Outcome.NOT_MEASURED, "the preview did not finish"
        elif not passed:
            outcome, reason = Outcome.NOT_MEASURED, rule.reason
        return dataclasses.replace(
            rule, outcome=outcome, reason=reason, passed=passed, findings=findings
        )
