"""What the last release signed still verifies, is compared with, and is gone on from."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sealing import KEY, entry, facts, measure, sealed
from securesystemslib.signer import CryptoSigner
from typer.testing import CliRunner

from bloomery.cli.plan import app as plan_command
from bloomery.evidence import Audit, verify
from bloomery.evidence.canonical import canonical
from bloomery.evidence.chain import HEAD, read_head
from bloomery.evidence.envelope import load_public_key, wrap
from bloomery.evidence.history import Update, parse_history
from bloomery.evidence.measurement import read_measurements
from bloomery.evidence.plans import standing_plan
from bloomery.evidence.record import PREDICATE_TYPE
from bloomery.plan import Plan
from bloomery.plan.diff import diff
from bloomery.plan.impact import impact
from bloomery.records import Outcome

KEPT = Path(__file__).with_name("last_release")
LAB = Path(__file__).parents[3] / "inventories" / "lab"


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return Path(shutil.copytree(KEPT, tmp_path / "evidence"))


def statement(path: Path) -> dict:
    return json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))


def history(*more: dict) -> tuple[Update, ...]:
    """The one entry that is sealed, and what was done since."""
    done = statement(KEPT / "records" / "0001.json")["predicate"]["updates"]
    return parse_history(json.dumps([*done, *more]))


def audit(evidence: Path) -> Audit:
    return verify(evidence, KEY.public_key(), history=history())


def kept() -> Plan:
    found = standing_plan(KEPT, KEY.public_key())
    assert found is not None
    return Plan.from_json(found[1], "kept plan")


def test_it_is_of_the_last_release() -> None:
    """Or the tests here would show nothing."""
    said = statement(KEPT / "records" / "0001.json")
    assert said["predicateType"] == "urn:bloomery:change-record:v1" != PREDICATE_TYPE
    assert {"ansible", "nodes"} <= set(said["predicate"])
    measured = json.loads(next((KEPT / "measurements").iterdir()).read_text())
    assert "schema" not in measured
    assert {"answer", "nodes", "runs"} <= set(measured)


def test_it_is_sound() -> None:
    said = verify(
        KEPT,
        load_public_key((KEPT / "signer.pem").read_bytes()),
        history=history(),
        anchor=read_head(KEPT / HEAD),
    )
    assert said.sound, said.findings
    assert said.not_looked_for == ()
    assert said.records[0].outcome is Outcome.PASS


def test_its_measurement_is_read() -> None:
    (filed,) = read_measurements(KEPT)
    assert len(filed.measurement.verdicts) == 10
    assert {verdict.outcome for verdict in filed.measurement.verdicts} == {Outcome.PASS}


def test_every_flipped_byte_of_its_record_is_found(evidence: Path) -> None:
    path = evidence / "records" / "0001.json"
    original = path.read_bytes()
    (evidence / HEAD).unlink()  # the head alone must not be what finds it
    for position in range(0, len(original), 97):
        damaged = bytearray(original)
        damaged[position] ^= 1 << (position % 8)
        path.write_bytes(bytes(damaged))
        reasons = [found for found in audit(evidence).findings if found.subject == path.name]
        assert reasons, f"byte {position}: {original[position : position + 20]!r}"


def test_a_flipped_byte_of_its_measurement_is_found(evidence: Path) -> None:
    path = next((evidence / "measurements").iterdir())
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(bytes(data))
    found = [str(finding) for finding in audit(evidence).findings]
    assert found == [f"{path.name}: differs from what record 1 covers"]


def test_only_the_fields_it_had_are_left_out(evidence: Path) -> None:
    """Signed by the site's key: a field that no release wrote is found in an old record too."""
    path = evidence / "records" / "0001.json"
    said = statement(path)
    said["predicate"]["remarks"] = "all well"
    path.write_bytes(wrap(canonical(said), CryptoSigner(KEY)))
    found = [str(finding) for finding in audit(evidence).findings]
    assert "0001.json: the statement has unknown fields or is not in canonical form" in found


def test_its_fields_are_none_of_a_record_of_today(evidence: Path) -> None:
    path = evidence / "records" / "0001.json"
    said = {**statement(path), "predicateType": PREDICATE_TYPE}
    path.write_bytes(wrap(canonical(said), CryptoSigner(KEY)))
    assert [finding.subject for finding in audit(evidence).findings][:1] == ["0001.json"]


def test_a_new_record_goes_on_from_it(evidence: Path) -> None:
    """A second up, measured and sealed by this release."""
    later = entry(20_000, update=1)
    both = history(later)
    digest = statement(KEPT / "records" / "0001.json")["predicate"]["plan_digest"]
    measure(evidence, 20_004, plan=digest)
    head, added = sealed(evidence, facts(evidence, both, plan_digest=digest), 20_010)
    assert added
    assert head.sequence == 2
    said = verify(evidence, KEY.public_key(), history=both, anchor=head)
    assert said.sound, said.findings
    second = evidence / "records" / "0002.json"
    assert statement(second)["predicateType"] == PREDICATE_TYPE
    assert [len(record.measurements) for record in said.records] == [1, 1]
    assert said.records[1].part("acceptance").outcome is Outcome.PASS


def test_nothing_new_keeps_it_as_it_is(evidence: Path) -> None:
    digest = statement(KEPT / "records" / "0001.json")["predicate"]["plan_digest"]
    last = audit(evidence).records[-1]
    head, added = sealed(
        evidence, facts(evidence, history(), plan_digest=digest, policies=last.policies)
    )
    assert not added
    assert head == read_head(KEPT / HEAD)


def test_its_plan_is_read_in_todays_shape() -> None:
    """Schema 1 had the runs inside the cluster."""
    plan = kept()
    assert [run.name for run in plan.runs] == ["base", "slurm", "train", "serve"]
    assert plan.runs[2].hosts == ("mgmt-01", "train-01", "train-02")
    assert plan.runs[3].on == "1 serving"


def test_impact_is_told_from_its_plan() -> None:
    plan = kept()
    same = impact(plan, plan)
    assert (same.rings, same.leaving, same.switches, same.unknown) == ((), (), (), "")
    first, *rest = plan.metal.nodes
    again = replace(first, install_generation=first.install_generation + 1)
    wanted = replace(plan, metal=replace(plan.metal, nodes=(again, *rest)))
    (ring,) = impact(plan, wanted).rings
    assert ring.wipes == (first.name,)


def test_plan_diff_reads_its_plan(tmp_path: Path) -> None:
    standing = standing_plan(KEPT, KEY.public_key())
    assert standing is not None
    path = tmp_path / "plan.json"
    path.write_bytes(standing[1])
    assert diff(kept(), kept()).differences == ()
    done = CliRunner().invoke(plan_command, ["diff", str(path), str(LAB), "--json"])
    assert done.exit_code == 0, done.output
    found = {(it["kind"], it["name"]): it for it in json.loads(done.stdout)["differences"]}
    changed = {name: it["what"] for name, it in found.items()}
    assert changed["run", "base"] == "removed", "one run of all hosts became one a pool"
    assert changed["run", "base-serve"] == "added"
    of_nodes = {
        change["field"]
        for (kind, _), it in found.items()
        if kind == "node"
        for change in it["changes"]
    }
    assert of_nodes == {"bmc.personality"}, "the machines are the same, their BMCs show otherwise"
