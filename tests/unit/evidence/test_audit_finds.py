"""Every way to tamper with the evidence is found; untouched evidence is sound."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest
from sealing import KEY, OTHER_KEY, entry, facts, measure, sealed, updates
from securesystemslib.signer import CryptoSigner

from bloomery.evidence import Audit, seal, verify
from bloomery.evidence.canonical import canonical
from bloomery.evidence.chain import HEAD, read_head
from bloomery.evidence.envelope import load_public_key, wrap
from bloomery.evidence.history import Update
from bloomery.evidence.plans import keep_plan, plan_path

HISTORY = updates(entry(0), entry(70, update=1), entry(140, update=2))


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """Three records of three updates, each measured."""
    folder = tmp_path / "evidence"
    for count in (1, 2, 3):
        measure(folder, 70 * (count - 1) + 4)
        sealed(folder, facts(folder, HISTORY[:count]), 70 * count)
    return folder


def audit(evidence: Path, history: tuple[Update, ...] | None = HISTORY) -> Audit:
    return verify(evidence, KEY.public_key(), history=history)


def found(evidence: Path, history: tuple[Update, ...] | None = HISTORY) -> str:
    return "\n".join(str(finding) for finding in audit(evidence, history).findings)


def test_untouched_evidence_is_sound(evidence: Path) -> None:
    head = read_head(evidence / HEAD)
    said = verify(evidence, KEY.public_key(), history=HISTORY, anchor=head)
    assert said.sound, said.findings
    assert said.head == head
    assert said.not_looked_for == ()
    assert len(said.records) == 3


def test_what_was_not_looked_for_is_told(evidence: Path) -> None:
    said = verify(evidence, KEY.public_key())
    assert said.sound
    assert len(said.not_looked_for) == 2


@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_flipped_byte_of_a_record_is_found(evidence: Path, number: int) -> None:
    """Each byte, one bit; the bit moves so that all eight are used."""
    path = evidence / "records" / f"{number:04d}.json"
    original = path.read_bytes()
    for position in range(0, len(original), 7):
        damaged = bytearray(original)
        damaged[position] ^= 1 << (position % 8)
        path.write_bytes(bytes(damaged))
        (evidence / HEAD).unlink(missing_ok=True)  # the head alone must not be what finds it
        reasons = [f.reason for f in audit(evidence).findings if f.subject == path.name]
        assert reasons, f"byte {position} of {path.name}: {original[position : position + 20]!r}"


def test_a_kept_plan_that_is_another_one_is_found(evidence: Path) -> None:
    """The next change is compared with it, so a plan put in its place would hide an impact."""
    digest = keep_plan(evidence, b"wipes nothing")
    assert audit(evidence).sound
    shutil.copy(plan_path(evidence, keep_plan(evidence, b"other")), plan_path(evidence, digest))
    assert found(evidence) == f"{digest}.json.gz: a kept plan was altered"


def test_white_space_at_the_end_is_found(evidence: Path) -> None:
    path = evidence / "records" / "0003.json"
    path.write_bytes(path.read_bytes() + b"\n")
    assert "0003.json: the envelope is not in canonical form" in found(evidence)


def test_a_missing_record_is_found(evidence: Path) -> None:
    (evidence / "records" / "0002.json").unlink()
    assert "0002.json: the record is missing" in found(evidence)
    assert "0003.json: does not follow" in found(evidence)


def test_a_missing_first_record_is_found(evidence: Path) -> None:
    (evidence / "records" / "0001.json").unlink()
    assert "0001.json: the record is missing" in found(evidence)


def test_a_record_cut_off_the_end_is_found_by_the_head(evidence: Path) -> None:
    (evidence / "records" / "0003.json").unlink()
    assert "head.json: names record 3, which is missing" in found(evidence)


def test_a_cut_with_a_head_made_to_match_is_found_by_the_anchor(evidence: Path) -> None:
    anchor = read_head(evidence / HEAD)
    (evidence / "records" / "0003.json").unlink()
    second = verify(evidence, KEY.public_key()).head
    assert second is not None
    (evidence / HEAD).write_text(json.dumps(second.__dict__))
    measurement = sorted((evidence / "measurements").glob("*.json"))[-1]
    measurement.unlink()
    assert verify(evidence, KEY.public_key()).sound
    said = verify(evidence, KEY.public_key(), anchor=anchor)
    assert [str(finding) for finding in said.findings] == [
        "anchor: names record 3, which is missing"
    ]


def test_reordered_records_are_found(evidence: Path) -> None:
    first, second = (evidence / "records" / f"000{n}.json" for n in (2, 3))
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    assert "0002.json: contains record 3: out of order" in found(evidence)
    assert "0003.json: contains record 2: out of order" in found(evidence)


def test_a_record_of_another_chain_is_found(evidence: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    measure(other, 4)
    sealed(other, facts(other, HISTORY[:1]), 61)
    measure(other, 74)
    sealed(other, facts(other, HISTORY[:2]), 141)
    shutil.copy(other / "records" / "0002.json", evidence / "records" / "0002.json")
    assert "0002.json: does not follow the record before it" in found(evidence)


def test_another_signer_is_found(evidence: Path) -> None:
    """The payload may be as it was; who signed it counts."""
    path = evidence / "records" / "0002.json"
    payload = base64.b64decode(json.loads(path.read_bytes())["payload"])
    path.write_bytes(wrap(payload, CryptoSigner(OTHER_KEY)))
    assert "0002.json: signature does not match, or another key signed it" in found(evidence)


def test_a_whole_chain_by_another_signer_is_found(tmp_path: Path) -> None:
    measure(tmp_path, 4)
    forged = facts(tmp_path, HISTORY[:1])
    signer, key = CryptoSigner(OTHER_KEY), OTHER_KEY.public_key()
    seal(tmp_path, forged, signer=signer, public_key=key, now=forged.history[0].started)
    beside = load_public_key((tmp_path / "signer.pem").read_bytes())
    assert verify(tmp_path, beside, history=HISTORY[:1]).sound, "consistent in itself"
    assert "another key signed it" in found(tmp_path, HISTORY[:1])


def test_an_up_nobody_sealed_is_found(evidence: Path) -> None:
    history = updates(entry(0), entry(70, update=1), entry(140, update=2), entry(200, update=1))
    said = audit(evidence, history)
    assert [u.startTime for u in said.unsealed] == ["2026-11-21T12:20:00.000Z"]
    assert not said.sound
    assert "update of 2026-11-21T12:20:00.000Z (succeeded): not sealed" in found(evidence, history)


def test_an_up_with_another_result_than_sealed_is_found(evidence: Path) -> None:
    history = updates(entry(0, "failed"), entry(70, update=1), entry(140, update=2))
    assert "(failed): not sealed" in found(evidence, history)


def test_a_missing_measurement_is_found(evidence: Path) -> None:
    path = sorted((evidence / "measurements").glob("*.json"))[1]
    path.unlink()
    assert f"{path.name}: missing; record 2 covers it" in found(evidence)


@pytest.mark.parametrize("change", [('"value": true', '"value": false'), ('"2 of 9"', '"0 of 9"')])
def test_a_changed_measurement_is_found(evidence: Path, change: tuple[str, str]) -> None:
    """Its verdicts are in the record too; its attachments are in the file alone."""
    path = sorted((evidence / "measurements").glob("*.json"))[0]
    before = path.read_text()
    path.write_text(before.replace(*change))
    assert path.read_text() != before
    assert f"{path.name}: differs from what record 1 covers" in found(evidence)


def test_a_measurement_nobody_sealed_is_found(evidence: Path) -> None:
    path = measure(evidence, 300)
    assert f"{path.name}: the measurement is not sealed" in found(evidence)


def test_a_signed_lie_about_the_outcome_is_found(evidence: Path) -> None:
    """Also the holder of the key cannot call a record better than its parts."""
    path = evidence / "records" / "0003.json"
    statement = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
    statement["predicate"]["parts"][1]["outcome"] = "fail"
    path.write_bytes(wrap(canonical(statement), CryptoSigner(KEY)))
    assert "0003.json: outcome pass contradicts its parts" in found(evidence)


def test_subjects_that_are_not_the_records_own_are_found(evidence: Path) -> None:
    path = evidence / "records" / "0003.json"
    statement = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
    statement["subject"][0]["digest"]["sha256"] = "00" * 32
    path.write_bytes(wrap(canonical(statement), CryptoSigner(KEY)))
    assert "0003.json: subjects of the statement" in found(evidence)


@pytest.mark.parametrize("where", ["predicate", "statement"])
def test_signed_words_that_no_record_holds_are_found(evidence: Path, where: str) -> None:
    """Whoever reads the file reads them, and this release would not show them."""
    path = evidence / "records" / "0003.json"
    statement = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
    (statement["predicate"] if where == "predicate" else statement)["nodes"] = {"n1": "boot"}
    path.write_bytes(wrap(canonical(statement), CryptoSigner(KEY)))
    assert path.name in found(evidence)


def test_a_signed_statement_written_another_way_is_found(evidence: Path) -> None:
    path = evidence / "records" / "0003.json"
    statement = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
    path.write_bytes(wrap(json.dumps(statement).encode(), CryptoSigner(KEY)))
    assert "0003.json: the statement has unknown fields" in found(evidence)


def test_a_record_of_a_later_release_is_refused(evidence: Path) -> None:
    path = evidence / "records" / "0003.json"
    statement = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
    statement["predicateType"] = "urn:bloomery:change-record:v3"
    path.write_bytes(wrap(canonical(statement), CryptoSigner(KEY)))
    assert "predicate type is 'urn:bloomery:change-record:v3'" in found(evidence)


def test_an_empty_folder_is_not_sound(tmp_path: Path) -> None:
    said = verify(tmp_path, KEY.public_key())
    assert not said.sound
    assert str(said.findings[0]) == "records: there are no records"
