"""Plans kept beside the records, and which of them stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from sealing import KEY, entry, facts, measure, sealed, updates

from bloomery.errors import EvidenceError
from bloomery.evidence.canonical import sha256
from bloomery.evidence.plans import keep_plan, kept_plan, plan_path, standing, standing_plan

FIRST, SECOND = b'{"plan":1}\n', b'{"plan":2}\n'


def test_a_plan_is_kept_under_its_own_digest_once(tmp_path: Path) -> None:
    digest = keep_plan(tmp_path, FIRST)
    assert digest == sha256(FIRST)
    path = plan_path(tmp_path, digest)
    written = path.stat().st_mtime_ns
    assert keep_plan(tmp_path, FIRST) == digest
    assert path.stat().st_mtime_ns == written
    assert kept_plan(tmp_path, digest) == FIRST


def test_every_flipped_byte_of_a_kept_plan_is_found_or_harmless(tmp_path: Path) -> None:
    """Harmless is what gzip itself ignores, such as the time in its header."""
    digest = keep_plan(tmp_path, FIRST)
    path = plan_path(tmp_path, digest)
    good = path.read_bytes()
    refused = 0
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        try:
            assert kept_plan(tmp_path, digest) == FIRST
        except EvidenceError:
            refused += 1
    assert refused >= len(good) - 10


def test_a_plan_that_is_another_one_is_altered(tmp_path: Path) -> None:
    one, other = keep_plan(tmp_path, FIRST), keep_plan(tmp_path, SECOND)
    plan_path(tmp_path, one).write_bytes(plan_path(tmp_path, other).read_bytes())
    with pytest.raises(EvidenceError, match="a kept plan was altered"):
        kept_plan(tmp_path, one)


def test_a_missing_plan_is_said(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="the plan of the last record is not kept"):
        kept_plan(tmp_path, "ab" * 32)


@pytest.mark.parametrize("digest", ["", "../../secret", "AB" * 32])
def test_a_name_that_is_no_digest_opens_no_file(tmp_path: Path, digest: str) -> None:
    with pytest.raises(EvidenceError, match="not the digest of a plan"):
        plan_path(tmp_path, digest)


def story(evidence: Path, *steps: tuple[bytes, dict | None, bool]) -> str:
    """Seal each step (plan, history entry, measured?) and say which plan stands then."""
    history: list[dict] = []
    from bloomery.evidence.chain import read_chain

    for number, (plan, done, measured) in enumerate(steps, 1):
        digest = keep_plan(evidence, plan)
        if done:
            history.append(done)
        if measured:
            measure(evidence, number * 10 + 6, plan=digest)
        sealed(evidence, facts(evidence, updates(*history), plan_digest=digest), number * 10 + 7)
    return standing(read_chain(evidence, KEY.public_key())[0])


def test_nothing_stands_before_the_first_change() -> None:
    assert standing(()) == ""


def test_the_plan_of_the_newest_change_stands(tmp_path: Path) -> None:
    steps = ((FIRST, entry(10), True), (SECOND, entry(20), True))
    assert story(tmp_path, *steps) == sha256(SECOND)
    found = standing_plan(tmp_path, KEY.public_key())
    assert found == (sha256(SECOND), SECOND)


def test_a_failed_change_stands_too(tmp_path: Path) -> None:
    steps = ((FIRST, entry(10), True), (SECOND, entry(20, "failed"), False))
    assert story(tmp_path, *steps) == sha256(SECOND)


def test_after_a_destroy_nothing_stands(tmp_path: Path) -> None:
    steps = ((FIRST, entry(10), True), (FIRST, entry(20, kind="destroy", delete=9), False))
    assert story(tmp_path, *steps) == ""
    assert standing_plan(tmp_path, KEY.public_key()) is None


def test_a_destroy_that_failed_leaves_the_plan_standing(tmp_path: Path) -> None:
    steps = ((FIRST, entry(10), True), (FIRST, entry(20, "failed", "destroy", delete=2), False))
    assert story(tmp_path, *steps) == sha256(FIRST)


def test_what_was_brought_up_stands_not_what_the_files_said_later(tmp_path: Path) -> None:
    digest = keep_plan(tmp_path, FIRST)
    measure(tmp_path, 6, plan=digest)
    later = keep_plan(tmp_path, SECOND)
    sealed(tmp_path, facts(tmp_path, updates(entry(0)), plan_digest=later), 10)
    assert standing_plan(tmp_path, KEY.public_key()) == (digest, FIRST)


def test_a_broken_chain_has_no_standing_plan(tmp_path: Path) -> None:
    story(tmp_path, (FIRST, entry(10), True))
    record = tmp_path / "records" / "0001.json"
    record.write_bytes(record.read_bytes().replace(b"payload", b"payloaf", 1))
    with pytest.raises(EvidenceError):
        standing_plan(tmp_path, KEY.public_key())
