"""Each rule of the pack against its own case file, without an engine.

``flips`` are mutations: a good case of which one value is changed must be refused.
"""

from __future__ import annotations

import ast
import copy
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from pulumi_policy import EnforcementLevel, ResourceValidationArgs, ResourceValidationPolicy
from pulumi_policy.policy import (
    PolicyCustomTimeouts,
    PolicyResourceOptions,
    _NotApplicableError,
)
from pulumi_policy.proxy import (
    UNKNOWN_STRING_VALUE,
    UnknownValueError,
    unknown_checking_proxy,
)

from bloomery.plan import make_plan
from bloomery.plan.resource_inputs import node_props, site_props
from bloomery.site import load as load_site

REPO = Path(__file__).resolve().parents[2]
PACK, SITES = REPO / "policies" / "sovereign", REPO / "inventories"
KINDS = ("good", "bad", "unknown", "not_applicable", "flips")
FOLDERS = sorted(path.parent for path in PACK.glob("*/rule.py"))


class CaseLoader(yaml.SafeLoader):
    """YAML with ``!unknown`` for a value that only an output will tell."""


CaseLoader.add_constructor("!unknown", lambda loader, node: UNKNOWN_STRING_VALUE)


def load(folder: Path) -> dict[str, list[dict]]:
    # CaseLoader is a SafeLoader with one more scalar tag
    return yaml.load((folder / "cases.yaml").read_text(), Loader=CaseLoader)


def cases(kind: str) -> list:
    return [
        pytest.param(folder.name.replace("_", "-"), case, id=f"{folder.name}: {case['name']}")
        for folder in FOLDERS
        for case in load(folder).get(kind, [])
    ]


def arguments(case: dict) -> ResourceValidationArgs:
    opts = case.get("opts", {})
    options = PolicyResourceOptions(
        protect=opts.get("protect", False),
        ignore_changes=opts.get("ignore_changes", []),
        delete_before_replace=None,
        aliases=[],
        custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
        additional_secret_outputs=[],
    )
    props = unknown_checking_proxy(case["props"])
    urn = f"urn:pulumi:lab::ai-factory::{case['type']}::case"
    return ResourceValidationArgs(case["type"], props, urn, "case", options, None)


def flipped(folder: Path, flip: dict) -> dict:
    """The good case of the flip, with one value changed."""
    good = next(case for case in load(folder)["good"] if case["name"] == flip["of"])
    case = copy.deepcopy(good)
    *path, last = [int(part) if part.isdigit() else part for part in flip["path"].split(".")]
    here = case["props"]
    for part in path:
        here = here[part]
    assert here[last] != flip["to"], "the flip changes nothing"
    here[last] = flip["to"]
    return case


def wrapped(pack: ModuleType, rule: str) -> ResourceValidationPolicy:
    return next(policy for policy in pack.policies(()) if policy.name == rule)


def findings(pack: ModuleType, rule: str, case: dict) -> list[str]:
    said: list[str] = []
    wrapped(pack, rule).validate(arguments(case), lambda message, urn=None: said.append(message))
    return said


@pytest.mark.parametrize(("rule", "case"), cases("good"))
def test_good_is_left_alone(pack: ModuleType, rule: str, case: dict) -> None:
    assert findings(pack, rule, case) == []


@pytest.mark.parametrize(("rule", "case"), [*cases("bad"), *cases("unknown")])
def test_bad_and_unknown_are_refused_with_controls_and_remedy(
    pack: ModuleType, rule: str, case: dict
) -> None:
    said = findings(pack, rule, case)
    assert any(case["says"] in message for message in said), said
    assert all("\ncontrols: NIST SP 800-53 r5 " in message for message in said)
    assert all("\nremedy: " in message for message in said)


@pytest.mark.parametrize(("rule", "case"), cases("unknown"))
def test_a_bare_rule_would_only_warn_on_unknown(pack: ModuleType, rule: str, case: dict) -> None:
    """Why the pack wraps: the SDK makes an advisory of exactly this error."""
    judge = pack.RULES[rule][case["type"]]
    with pytest.raises(UnknownValueError):
        judge(arguments(case), lambda message: None)


@pytest.mark.parametrize(
    ("folder", "flip"),
    [
        pytest.param(folder, flip, id=f"{folder.name}: {flip['path']}={flip['to']}")
        for folder in FOLDERS
        for flip in load(folder)["flips"]
    ],
)
def test_one_value_flipped_is_refused(pack: ModuleType, folder: Path, flip: dict) -> None:
    said = findings(pack, folder.name.replace("_", "-"), flipped(folder, flip))
    assert any(flip["says"] in message for message in said), said


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_type_a_rule_judges_has_a_good_and_a_bad_case(pack: ModuleType, folder: Path) -> None:
    found = load(folder)
    judged = set(pack.RULES[folder.name.replace("_", "-")])
    assert {case["type"] for case in found["good"]} == judged
    assert {case["type"] for case in found["bad"]} == judged


@pytest.mark.parametrize(("rule", "case"), cases("not_applicable"))
def test_what_does_not_concern_the_rule_is_not_a_pass(
    pack: ModuleType, rule: str, case: dict
) -> None:
    with pytest.raises(_NotApplicableError):
        findings(pack, rule, case)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_rule_has_all_four_kinds_of_case(folder: Path) -> None:
    found = load(folder)
    assert set(found) == set(KINDS)
    assert all(found[kind] for kind in KINDS)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_rule_imports_the_sdk_and_the_standard_library_only(folder: Path) -> None:
    tree = ast.parse((folder / "rule.py").read_text())
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or "."]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= {"pulumi_policy"} | sys.stdlib_module_names


def test_the_pack_has_each_folder_and_nothing_else(pack: ModuleType) -> None:
    assert sorted(pack.RULES) == sorted(folder.name.replace("_", "-") for folder in FOLDERS)
    assert [policy.name for policy in pack.policies(())] == list(pack.RULES)


def test_every_rule_is_mandatory_and_says_what_it_rests_on(pack: ModuleType) -> None:
    for policy in pack.policies(()):
        assert policy.enforcement_level is EnforcementLevel.MANDATORY
        assert policy.severity is not None
        assert policy.remediation_steps
        assert policy.framework.name == "NIST SP 800-53"


def test_the_description_lists_controls_with_framework_edition_and_id(pack_path: Path) -> None:
    """Run as the command line does: in a process of its own."""
    done = subprocess.run(
        [sys.executable, "describe.py"], cwd=pack_path, capture_output=True, check=True
    )
    said = json.loads(done.stdout)
    assert said["pack"] == "sovereign"
    assert said["score"].startswith(
        "14 of 22 controls of the table are evaluated at preview (64 %)"
    )
    controls = {rule["rule"]: rule["controls"] for rule in said["rules"]}
    first = {"framework": "NIST SP 800-53", "edition": "r5", "id": "SA-9(5)"}
    assert controls["location-allowed"][0] == first
    assert all(set(control) == set(first) for rule in controls.values() for control in rule)


@pytest.mark.parametrize("site", ["lab", "lab-metal"])
def test_a_lab_that_is_brought_up_whole_passes_what_is_asked_of_a_site(
    pack: ModuleType, site: str
) -> None:
    plan = make_plan(load_site(SITES / site))
    kinds = {"bloomery:site:Site": [site_props(plan)]}
    kinds["bloomery:metal:Node"] = [node_props(plan, node) for node in plan.metal.nodes]
    judged = [
        (rule, {"type": kind, "props": props})
        for rule, kinds_of in pack.RULES.items()
        for kind in kinds_of.keys() & kinds.keys()
        for props in kinds[kind]
    ]
    assert len(judged) > len(plan.metal.nodes)
    assert {rule: findings(pack, rule, case) for rule, case in judged} == {
        rule: [] for rule, _ in judged
    }
