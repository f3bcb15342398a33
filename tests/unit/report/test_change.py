"""The impact of the next change, by the sealed records of a site."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner

from bloomery.evidence import Facts, Provenance, seal
from bloomery.evidence.history import parse_history
from bloomery.evidence.plans import keep_plan, plan_path
from bloomery.plan import Plan, make_plan
from bloomery.report.change import change
from bloomery.site import load
from bloomery.statedir import StateDir
from bloomery.trust.keys import signing_key
from bloomery.trust.secret import ensure_private_file, open_secret

LAB = Path(__file__).parents[3] / "inventories" / "lab"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(load(LAB))


@pytest.fixture
def state(tmp_path: Path) -> StateDir:
    made = StateDir(tmp_path / "lab")
    made.path.mkdir()
    ensure_private_file(made.secret)
    return made


def seal_change(state: StateDir, plan: Plan) -> None:
    key = signing_key(open_secret(state.secret), "lab")
    update = {"version": 0, "kind": "update", "result": "succeeded"}
    times = {"startTime": "2026-11-21T09:00:00Z", "endTime": "2026-11-21T09:05:00Z"}
    history = parse_history(json.dumps([{**update, **times, "resourceChanges": {"create": 1}}]))
    digest = keep_plan(state.evidence, plan.to_json())
    now = datetime.datetime(2026, 11, 21, 10, tzinfo=datetime.UTC)
    found = Facts("lab", digest, Provenance(), history, ())
    seal(state.evidence, found, signer=CryptoSigner(key), public_key=key.public_key(), now=now)


def test_a_site_nobody_sealed_is_all_new(plan: Plan, state: StateDir) -> None:
    found = change(plan, state)
    assert found.previous == found.unknown == ""
    assert sum(len(ring.new) for ring in found.rings) == len(plan.metal.nodes)


def test_a_sealed_site_has_nothing_left_to_do(plan: Plan, state: StateDir) -> None:
    seal_change(state, plan)
    found = change(plan, state)
    assert found.previous == plan.digest
    assert (found.rings, found.moves, found.unknown) == ((), (), "")


def test_a_rack_number_that_moves_under_machines_is_in_the_impact(
    plan: Plan, state: StateDir
) -> None:
    seal_change(state, plan)
    racks = tuple(replace(rack, number=9) for rack in plan.metal.racks)
    found = change(replace(plan, metal=replace(plan.metal, racks=racks)), state)
    assert [(it.rack, it.before, it.after) for it in found.renumbered] == [("r01", 1, 9)]
    assert found.keep_numbers == ("number: 1 on r01",)


def test_a_plan_that_is_gone_makes_the_impact_unknown(plan: Plan, state: StateDir) -> None:
    seal_change(state, plan)
    plan_path(state.evidence, plan.digest).unlink()
    assert "the plan of the last record is not kept" in change(plan, state).unknown


def test_a_broken_chain_makes_the_impact_unknown(plan: Plan, state: StateDir) -> None:
    seal_change(state, plan)
    (state.evidence / "records" / "0001.json").write_text("{}")
    assert change(plan, state).unknown


def test_a_lost_secret_makes_the_impact_unknown(plan: Plan, state: StateDir) -> None:
    seal_change(state, plan)
    state.secret.unlink()
    assert change(plan, state).unknown


def test_a_plan_of_another_version_makes_the_impact_unknown(plan: Plan, state: StateDir) -> None:
    """Sealed by a version that knew a key we do not: half a comparison would be none."""
    seal_change(state, plan)
    data = json.loads(plan.to_json())
    data["site"]["colour"] = "blue"
    text = json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    digest = keep_plan(state.evidence, text)
    key = signing_key(open_secret(state.secret), "lab")
    times = {"startTime": "2026-11-21T11:00:00Z", "endTime": "2026-11-21T11:05:00Z"}
    update = {"version": 0, "kind": "update", "result": "succeeded", **times}
    found = Facts("lab", digest, Provenance(), parse_history(json.dumps([update])), ())
    now = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
    seal(state.evidence, found, signer=CryptoSigner(key), public_key=key.public_key(), now=now)
    assert "site.colour: unknown key" in change(plan, state).unknown
