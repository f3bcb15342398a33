"""What a record says on the whole: the worst wins, and nothing is never a pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from sealing import (
    DIGEST,
    KEY,
    KNOWN,
    RECAP,
    entry,
    facts,
    measure,
    policy,
    sealed,
    updates,
    verdict,
)

from bloomery.errors import EvidenceError
from bloomery.evidence import Facts, Provenance, worst
from bloomery.evidence.chain import read_chain
from bloomery.evidence.measurement import read_one
from bloomery.evidence.record import Record
from bloomery.records import Outcome

NOT_MEASURED = Outcome.NOT_MEASURED


def newest(evidence: Path) -> Record:
    return read_chain(evidence, KEY.public_key())[0][-1]


def record_of(evidence: Path, found: Facts) -> Record:
    sealed(evidence, found)
    return newest(evidence)


def test_worst_of_nothing_is_not_measured() -> None:
    assert worst([]) is NOT_MEASURED
    assert worst([Outcome.PASS, NOT_MEASURED]) is NOT_MEASURED
    assert worst([Outcome.PASS, NOT_MEASURED, Outcome.FAIL]) is Outcome.FAIL
    assert worst([Outcome.PASS]) is Outcome.PASS


def test_all_good_passes_and_holds_what_was_done(tmp_path: Path) -> None:
    path = measure(tmp_path, 4)
    record = record_of(tmp_path, facts(tmp_path, updates(entry(0))))
    assert record.outcome is Outcome.PASS
    assert [part.outcome for part in record.parts] == [Outcome.PASS] * 4
    assert record.provenance == KNOWN
    assert record.plan_digest == DIGEST
    assert record.measured_by == path.name
    assert record.measurements[0].verdicts[0].subject == "n1"
    kept = read_one(tmp_path / "measurements" / record.measured_by)
    assert kept.sha256 == record.measurements[0].sha256
    assert kept.measurement.attachments == (RECAP,)
    assert record.updates[0].startTime == "2026-11-21T09:00:00.000Z"


@pytest.mark.parametrize(
    ("changes", "part", "outcome", "says"),
    [
        ({"policies": None}, "policies", NOT_MEASURED, "no policy was run"),
        ({"policies": policy(plan="cd" * 32)}, "policies", NOT_MEASURED, "another plan"),
        ({"policies": policy(Outcome.FAIL)}, "policies", Outcome.FAIL, "location-allowed"),
        ({"policies": policy(NOT_MEASURED)}, "policies", NOT_MEASURED, "location-allowed"),
        ({"history": None}, "update", NOT_MEASURED, "could not be read"),
        ({"history": updates(entry(0, "failed"))}, "update", Outcome.FAIL, "failed"),
        ({"measurements": ()}, "acceptance", NOT_MEASURED, "nothing was measured"),
        ({"plan_digest": "cd" * 32}, "acceptance", NOT_MEASURED, "another plan"),
    ],
)
def test_one_part_decides(
    tmp_path: Path, changes: dict, part: str, outcome: Outcome, says: str
) -> None:
    measure(tmp_path, 4)
    record = record_of(tmp_path, facts(tmp_path, **{"history": updates(entry(0)), **changes}))
    assert record.part(part).outcome is outcome
    assert says in record.part(part).reason
    assert record.outcome is outcome


def test_a_failing_verdict_fails_the_record(tmp_path: Path) -> None:
    bad = verdict("n2", Outcome.FAIL, "stuck in install")
    measure(tmp_path, 4, verdict("n1"), bad)
    record = record_of(tmp_path, facts(tmp_path, updates(entry(0))))
    assert record.outcome is Outcome.FAIL
    assert record.part("acceptance").reason == "n2: stuck in install"


def test_a_verdict_not_measured_is_no_pass(tmp_path: Path) -> None:
    measure(tmp_path, 4, verdict("n1"), verdict("n2", NOT_MEASURED, "no sensor"))
    assert record_of(tmp_path, facts(tmp_path, updates(entry(0)))).outcome is NOT_MEASURED


@pytest.mark.parametrize("who", [Provenance(), Provenance("c0ffee", "A <a@b>", "op", dirty=True)])
def test_provenance_stands_beside_the_outcome(tmp_path: Path, who: Provenance) -> None:
    measure(tmp_path, 4)
    record = record_of(tmp_path, facts(tmp_path, updates(entry(0)), provenance=who))
    assert record.part("provenance").outcome is NOT_MEASURED
    assert record.outcome is Outcome.PASS


def test_an_unchanged_up_keeps_the_measurement(tmp_path: Path) -> None:
    """An update that found all the same calls no provider, so nothing measures anew."""
    path = measure(tmp_path, 4)
    sealed(tmp_path, facts(tmp_path, updates(entry(0))))
    later = record_of(tmp_path, facts(tmp_path, updates(entry(0), entry(70, same=9))))
    assert later.sequence == 2
    assert later.measured_by == path.name
    assert later.outcome is Outcome.PASS


def test_a_change_nobody_measured_is_not_measured(tmp_path: Path) -> None:
    measure(tmp_path, 4)
    sealed(tmp_path, facts(tmp_path, updates(entry(0))))
    changed = record_of(tmp_path, facts(tmp_path, updates(entry(0), entry(70, update=1))))
    assert changed.part("acceptance").outcome is NOT_MEASURED
    same = (entry(0), entry(70, update=1), entry(80, same=9))
    again = record_of(tmp_path, facts(tmp_path, updates(*same)))
    assert again.part("acceptance").reason == "nothing was measured since the last change"


def test_a_repaired_site_passes_again(tmp_path: Path) -> None:
    measure(tmp_path, 4, verdict("n1", Outcome.FAIL, "stuck"))
    sealed(tmp_path, facts(tmp_path, updates(entry(0, "failed"))))
    measure(tmp_path, 74)
    record = record_of(tmp_path, facts(tmp_path, updates(entry(0, "failed"), entry(70, update=1))))
    assert record.outcome is Outcome.PASS
    assert len(record.measurements) == 1


def test_nothing_new_adds_no_record(tmp_path: Path) -> None:
    measure(tmp_path, 4)
    first, added = sealed(tmp_path, facts(tmp_path, updates(entry(0))))
    again, added_again = sealed(tmp_path, facts(tmp_path, updates(entry(0))), 90)
    assert (added, added_again) == (True, False)
    assert again == first


def test_a_site_never_brought_up_has_nothing_to_seal(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no update and no measurement"):
        sealed(tmp_path, facts(tmp_path, ()))


def test_policies_run_later_are_sealed(tmp_path: Path) -> None:
    measure(tmp_path, 4)
    sealed(tmp_path, facts(tmp_path, updates(entry(0)), policies=None))
    assert newest(tmp_path).outcome is NOT_MEASURED
    record = record_of(tmp_path, facts(tmp_path, updates(entry(0))))
    assert record.outcome is Outcome.PASS
    assert record.updates == ()


def test_an_update_under_way_waits(tmp_path: Path) -> None:
    measure(tmp_path, 4)
    record = record_of(tmp_path, facts(tmp_path, updates(entry(0), entry(9, "in-progress"))))
    assert [u.result for u in record.updates] == ["succeeded"]


def test_nothing_is_appended_to_a_broken_chain(tmp_path: Path) -> None:
    measure(tmp_path, 4)
    sealed(tmp_path, facts(tmp_path, updates(entry(0))))
    path = tmp_path / "records" / "0001.json"
    path.write_bytes(path.read_bytes().replace(b'"sig":"', b'"sig":"A', 1))
    with pytest.raises(EvidenceError, match=r"0001\.json"):
        sealed(tmp_path, facts(tmp_path, updates(entry(0), entry(70))))


def test_nothing_is_appended_after_a_cut(tmp_path: Path) -> None:
    measure(tmp_path, 4)
    sealed(tmp_path, facts(tmp_path, updates(entry(0))))
    (tmp_path / "records" / "0001.json").unlink()
    with pytest.raises(EvidenceError, match="record 1, which is missing"):
        sealed(tmp_path, facts(tmp_path, updates(entry(0))))
