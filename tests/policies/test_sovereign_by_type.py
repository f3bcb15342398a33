"""A resource meets the rules about its type, and the engine is told what the SDK would tell."""

from __future__ import annotations

import datetime
from types import ModuleType

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, policy

SDK = policy._PolicyAnalyzerServicer
TYPES = ("bloomery:site:Site", "bloomery:metal:Node", "bloomery:cluster:Cluster", "other:a:Kind")
TODAY = datetime.date(2026, 11, 30)


@pytest.fixture
def by_type(pack: ModuleType) -> ModuleType:
    import by_type

    return by_type


def request(kind: str, **props: object) -> analyzer_pb2.AnalyzeRequest:
    urn = f"urn:pulumi:north::ai-factory::{kind}::one"
    read = json_format.ParseDict(props, struct_pb2.Struct())
    return analyzer_pb2.AnalyzeRequest(type=kind, properties=read, urn=urn, name="one")


def waivers(pack: ModuleType) -> list[object]:
    """One in force and one that has expired, each of a rule about nodes and one about the site."""
    given = {"site": "north", "subject": "*", "owner": "head", "reason": "a test"}
    ends = (datetime.date(2026, 12, 31), datetime.date(2026, 10, 31))
    rules = ("no-default-credentials", "quotas", "site-clocks", "install-by-generation")
    return [
        pack.Waiver(file=f"{rule}-{end}.yaml", rule=rule, ends=end, **given)
        for rule in rules
        for end in ends
    ]


def told(servicer: object, asked: analyzer_pb2.AnalyzeRequest) -> object:
    """Findings in order, and what did not apply in any."""
    answer = servicer.Analyze(asked, None)
    apart = sorted((one.policy_name, one.reason) for one in answer.not_applicable)
    return [json_format.MessageToDict(one) for one in answer.diagnostics], apart


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("excused", [False, True], ids=["no exceptions", "exceptions"])
def test_the_engine_is_told_the_same(
    pack: ModuleType, by_type: ModuleType, kind: str, excused: bool
) -> None:
    rules = pack.policies(waivers(pack) if excused else [], TODAY)
    both = [
        make("sovereign", "1", rules, EnforcementLevel.MANDATORY) for make in (SDK, by_type.ByType)
    ]
    first, second = (told(one, request(kind, bmcCredentials="factory")) for one in both)
    assert first == second
    findings, apart = second
    assert len(apart) < len(rules) or kind == "other:a:Kind"
    assert findings or kind == "other:a:Kind"


@pytest.mark.parametrize("level", [analyzer_pb2.DISABLED, analyzer_pb2.ADVISORY])
def test_a_level_that_is_configured_holds_everywhere(
    pack: ModuleType, by_type: ModuleType, level: int
) -> None:
    rules = pack.policies([], TODAY)
    both = [
        make("sovereign", "1", rules, EnforcementLevel.MANDATORY) for make in (SDK, by_type.ByType)
    ]
    asked = [request(kind) for kind in TYPES]
    before = [told(both[1], one) for one in asked]
    names = ("site-clocks", "install-by-generation")
    config = {name: analyzer_pb2.PolicyConfig(enforcementLevel=level) for name in names}
    for one in both:
        one.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config), None)
        one.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(tags={"a": "b"}), None)
    first, second = ([told(one, each) for each in asked] for one in both)
    assert first == second
    assert second != before


def test_a_rule_is_not_asked_about_another_type(by_type: ModuleType) -> None:
    """The case that fails: a rule that keeps a type of its own to itself is never asked."""
    calls: list[str] = []

    def validate(args: policy.ResourceValidationArgs, report: policy.ReportViolation) -> None:
        calls.append(args.resource_type)
        report("found", None)

    rule = by_type.TypedPolicy(types=["a:b:C"], name="one", description="One.", validate=validate)
    servicer = by_type.ByType("sovereign", "1", [rule], EnforcementLevel.MANDATORY)
    findings, apart = told(servicer, request("a:b:D"))
    assert (findings, apart, calls) == ([], [("one", "not about a:b:D")], [])
    findings, apart = told(servicer, request("a:b:C"))
    assert (len(findings), apart, calls) == (1, [], ["a:b:C"])
    plain = SDK("sovereign", "1", [rule], EnforcementLevel.MANDATORY)
    assert told(plain, request("a:b:D")) != told(servicer, request("a:b:D"))


def test_the_engine_gets_it(by_type: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name of the SDK that the pack replaces; a release without it must be looked at."""
    monkeypatch.setattr(policy, "_PolicyAnalyzerServicer", SDK)
    by_type.ask_by_type()
    assert policy._PolicyAnalyzerServicer is by_type.ByType
