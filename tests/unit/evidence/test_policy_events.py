"""The engine's event log, read into what each rule said."""

from __future__ import annotations

import json

import pytest

from bloomery.errors import EvidenceError
from bloomery.evidence import PolicyReport, from_events
from bloomery.evidence.policy import parse_pack, parse_policy
from bloomery.records import Outcome

PACK = parse_pack(
    json.dumps(
        {
            "pack": "sovereign",
            "rules": [
                {
                    "rule": name,
                    "description": f"What {name} is about.",
                    "level": "mandatory",
                    "severity": "high",
                    "remedy": "Do it right.",
                    "controls": [{"framework": "NIST SP 800-53", "edition": "r5", "id": "CM-5"}],
                }
                for name in ("location-allowed", "install-by-generation")
            ],
        }
    ).encode(),
    "0.1.0",
    "ee" * 32,
)
SITE = "urn:pulumi:lab::ai-factory::bloomery:site:Site::lab"
NODE = "urn:pulumi:lab::ai-factory::bloomery:site:Site$bloomery:metal:Node::lab-train-01"
NAMES = {"policyPackName": "sovereign", "policyPackVersion": "0.1.0"}


def site_event() -> dict:
    new = {"type": "bloomery:site:Site", "urn": SITE, "inputs": {"planDigest": "ab" * 32}}
    return {"resourcePreEvent": {"metadata": {"op": "create", "new": new}}}


def passed(urn: str, *rules: str) -> dict:
    return {"policyAnalyzeSummaryEvent": {**NAMES, "resourceUrn": urn, "passed": list(rules)}}


def finding(urn: str, rule: str, message: str, level: str = "mandatory") -> dict:
    text = f"What {rule} is about.\n{message}\ncontrols: NIST\nremedy: Do it right.\n"
    return {
        "policyEvent": {
            **NAMES,
            "resourceUrn": urn,
            "policyName": rule,
            "message": text,
            "enforcementLevel": level,
        }
    }


def end(result: str = "succeeded") -> dict:
    return {"summaryEvent": {"result": result, "isPreview": True}}


def read(*events: dict) -> PolicyReport:
    lines = [json.dumps({"sequence": n, **event}) for n, event in enumerate(events)]
    return from_events(lines, packs=(PACK,), site="lab", time="2026-11-21T09:00:00+00:00")


GOOD = (
    site_event(),
    passed(SITE, "location-allowed"),
    passed(NODE, "install-by-generation"),
)


def outcomes(report: PolicyReport) -> dict[str, Outcome]:
    return {rule.rule: rule.outcome for rule in report.rules}


def test_all_passed() -> None:
    report = read(*GOOD, end())
    assert report.outcome is Outcome.PASS
    assert report.plan_digest == "ab" * 32
    assert report.finished
    assert report.rules[1].passed == ("Node lab-train-01",)
    assert str(report.rules[0].controls[0]) == "NIST SP 800-53 r5 CM-5"
    assert report.packs == {"sovereign": f"0.1.0 sha256:{'ee' * 32}"}


def test_a_finding_fails_its_rule_and_leaves_the_rest_not_measured() -> None:
    """A preview stopped by a finding has not shown every resource to every rule."""
    report = read(*GOOD, finding(NODE, "location-allowed", "not there"), end("failed"))
    assert outcomes(report) == {
        "location-allowed": Outcome.FAIL,
        "install-by-generation": Outcome.NOT_MEASURED,
    }
    assert report.rules[0].findings[0].message == "not there"
    assert report.rules[0].reason == "Node lab-train-01: not there"
    assert report.outcome is Outcome.FAIL


def test_a_rule_that_saw_nothing_is_not_measured() -> None:
    report = read(site_event(), passed(SITE, "location-allowed"), end())
    assert outcomes(report)["install-by-generation"] is Outcome.NOT_MEASURED
    assert report.outcome is Outcome.NOT_MEASURED


def test_a_rule_that_met_an_unknown_is_not_measured() -> None:
    text = "can't run policy 'location-allowed' from policy pack 'sovereign' during preview"
    report = read(*GOOD, finding(SITE, "location-allowed", text, "advisory"), end())
    assert outcomes(report)["location-allowed"] is Outcome.NOT_MEASURED


@pytest.mark.parametrize("last", [(), (end("failed"),)], ids=["breaks off", "fails otherwise"])
def test_a_preview_that_did_not_finish_measures_nothing(last: tuple[dict, ...]) -> None:
    report = read(*GOOD, *last)
    assert set(outcomes(report).values()) == {Outcome.NOT_MEASURED}
    assert not report.finished


def test_a_pack_that_does_not_describe_itself_is_still_read() -> None:
    report = from_events(
        [json.dumps(event) for event in (*GOOD, end())],
        packs=(),
        site="lab",
        time="2026-11-21T09:00:00+00:00",
    )
    assert outcomes(report)["location-allowed"] is Outcome.PASS


def test_written_and_read_again_it_is_the_same() -> None:
    report = read(*GOOD, finding(NODE, "location-allowed", "not there"), end("failed"))
    assert parse_policy(json.dumps(report.as_dict()).encode()) == report


def test_other_bytes_are_no_report() -> None:
    with pytest.raises(EvidenceError, match=r"policy\.json: not a policy report"):
        parse_policy(b"{}")
    with pytest.raises(EvidenceError, match="not an event"):
        from_events(["{"], packs=(), site="lab", time="")
    with pytest.raises(EvidenceError, match="description of the pack cannot be read"):
        parse_pack(b"[]", "", "")
