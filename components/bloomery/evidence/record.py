"""What one record holds, and what it says on the whole.

A record is an in-toto Statement about the plan and the measurements it covers. Its
predicate names the record before it, so the records form a chain.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from in_toto_attestation.v1.statement import STATEMENT_TYPE_URI, Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementProto
from pydantic import TypeAdapter, ValidationError

from bloomery.errors import EvidenceError
from bloomery.evidence.canonical import canonical, sha256
from bloomery.evidence.facts import Facts, Provenance
from bloomery.evidence.history import UNDER_WAY, Update
from bloomery.evidence.judging import Part, worst
from bloomery.evidence.parts import Before, acceptance, policies, provenance, update
from bloomery.evidence.policy import PolicyReport
from bloomery.records import Outcome, Verdict

PREDICATE_TYPE = "urn:bloomery:change-record:v2"
"""Type of our predicate, as in-toto wants it named."""

DROPPED = {
    PREDICATE_TYPE: frozenset[str](),
    "urn:bloomery:change-record:v1": frozenset({"ansible", "nodes"}),
}
"""Predicate types that are read -> fields that are in them and no longer in a record. Those of v1
repeated parts of the newest measurement, which the record names by digest.
"""


@dataclass(frozen=True)
class Measured:
    """A measurement a record covers."""

    file: str
    sha256: str
    time: str
    plan_digest: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Record:
    """The predicate: one change of a site, or several that were sealed together."""

    site: str
    sequence: int
    """Counted from 1; the name of its file."""
    previous: str
    """SHA-256 of the file of the record before; empty for the first."""
    sealed_at: str
    plan_digest: str
    provenance: Provenance
    updates: tuple[Update, ...]
    """Entries of the stack's history this record covers, oldest first."""
    measurements: tuple[Measured, ...]
    policies: PolicyReport | None
    parts: tuple[Part, ...]
    outcome: Outcome
    """Worst of update, policies and acceptance. Provenance stands beside it."""
    measured_by: str = ""
    """File of the measurement the acceptance rests on; empty when it rests on none."""
    policies_sha256: str = ""

    def part(self, name: str) -> Part:
        """One part by name; not measured where the record has none of that name."""
        found = [part for part in self.parts if part.name == name]
        return found[0] if found else Part(name, Outcome.NOT_MEASURED, "not in this record")


_SHAPE = TypeAdapter(Record)


def make_record(
    facts: Facts, past: tuple[Record, ...], previous: str, now: datetime.datetime
) -> Record | None:
    """The next record, or None when there is nothing that no record covers yet.

    Raises EvidenceError for a site that was never brought up.
    """
    sealed = {entry.key for record in past for entry in record.updates}
    covered = frozenset(entry.file for record in past for entry in record.measurements)
    updates = tuple(
        entry
        for entry in facts.history or ()
        if entry.key not in sealed and entry.result != UNDER_WAY
    )
    filed = tuple(entry for entry in facts.measurements if entry.file not in covered)
    said = _digest(facts.policies)
    last = past[-1] if past else None
    if not updates and not filed:
        if last is None:
            raise EvidenceError("no update and no measurement to seal", subject=facts.site)
        if said == last.policies_sha256:
            return None
    before = Before(last.measured_by, last.part("update"), covered) if last else Before()
    measured_by, accepted = acceptance(facts, updates, before)
    parts = (
        update(facts, updates, before),
        policies(facts),
        accepted,
        provenance(facts.provenance),
    )
    return Record(
        site=facts.site,
        sequence=len(past) + 1,
        previous=previous,
        sealed_at=now.isoformat(timespec="seconds"),
        plan_digest=facts.plan_digest,
        provenance=facts.provenance,
        updates=updates,
        measurements=tuple(
            Measured(
                entry.file,
                entry.sha256,
                entry.measurement.time,
                entry.measurement.plan_digest,
                entry.measurement.verdicts,
            )
            for entry in filed
        ),
        policies=facts.policies,
        policies_sha256=said,
        parts=parts,
        outcome=overall(parts),
        measured_by=measured_by,
    )


def overall(parts: tuple[Part, ...]) -> Outcome:
    """Worst of what the site itself rests on; who changed it is told beside it."""
    return worst(part.outcome for part in parts if part.name != "provenance")


def _digest(report: PolicyReport | None) -> str:
    return sha256(canonical(report.as_dict())) if report else ""


def statement(record: Record) -> bytes:
    """The record as an in-toto Statement, canonical. Raises EvidenceError when it is none."""
    body = {
        "_type": STATEMENT_TYPE_URI,
        "subject": _subjects(record),
        "predicateType": PREDICATE_TYPE,
        "predicate": _SHAPE.dump_python(record, mode="json"),
    }
    _check(body)
    return canonical(body)


def _subjects(record: Record) -> list[dict[str, object]]:
    """What the record is about: the plan, and each measurement it covers."""
    named = [(f"{record.site}/plan", record.plan_digest)]
    named += [(f"measurements/{entry.file}", entry.sha256) for entry in record.measurements]
    return [{"name": name, "digest": {"sha256": digest}} for name, digest in named]


def from_statement(payload: bytes) -> Record:
    """The record inside a Statement. Raises EvidenceError when it is not one of ours."""
    try:
        body = json.loads(payload)
        _check(body)
        if body["predicateType"] not in DROPPED:
            raise EvidenceError(f"predicate type is {body['predicateType']!r}")
        record = _SHAPE.validate_python(body["predicate"])
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"not a change record: {_first_line(error)}") from None
    if body["subject"] != _subjects(record):
        raise EvidenceError("subjects of the statement are not those of its record")
    if canonical(body) != payload or statement(record) != _in_todays_shape(body):
        raise EvidenceError("the statement has unknown fields or is not in canonical form")
    return record


def _in_todays_shape(body: Mapping[str, Any]) -> bytes:
    """A statement of any type that is read, as ``statement`` writes its record now."""
    dropped = DROPPED[body["predicateType"]]
    kept = {key: value for key, value in body["predicate"].items() if key not in dropped}
    return canonical({**body, "predicateType": PREDICATE_TYPE, "predicate": kept})


def _check(body: Mapping[str, object]) -> None:
    try:
        Statement.copy_from_pb(ParseDict(dict(body), StatementProto())).validate()
    except (ParseError, ValueError) as error:
        raise EvidenceError(f"not an in-toto statement: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return (str(error) or type(error).__name__).splitlines()[0]
