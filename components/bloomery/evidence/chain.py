"""The chain on disk: ``records/NNNN.json``, each holding the hash of the one before.

``head.json`` names the newest record. A copy of it kept elsewhere (in git, with another
ministry) is what tells that records were cut off the end.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import TypeAdapter, ValidationError
from securesystemslib.signer import Signer  # type: ignore[attr-defined]  # public by its docs

from bloomery.errors import EvidenceError
from bloomery.evidence.canonical import canonical, sha256, write_durably
from bloomery.evidence.envelope import public_pem, unwrap, wrap
from bloomery.evidence.facts import Facts
from bloomery.evidence.record import Record, from_statement, make_record, statement

RECORDS = "records"
"""Folder of the records inside the evidence directory."""

PUBLIC_KEY = "signer.pem"
"""Public key of the site, beside the records for convenience; it proves nothing by itself."""

HEAD = "head.json"
"""File that names the newest record."""


@dataclass(frozen=True)
class Head:
    """The newest record: what to anchor elsewhere."""

    site: str
    sequence: int
    sha256: str
    """Digest of the record's file."""
    sealed_at: str


_HEAD = TypeAdapter(Head)


def record_path(evidence: Path, sequence: int) -> Path:
    """File of one record."""
    return evidence / RECORDS / f"{sequence:04d}.json"


def record_files(evidence: Path) -> tuple[Path, ...]:
    """Files of all records, in the order of their numbers."""
    return tuple(sorted((evidence / RECORDS).glob("[0-9][0-9][0-9][0-9].json")))


def read_head(path: Path) -> Head | None:
    """The head in a file; None when there is no file. Raises EvidenceError."""
    try:
        return _HEAD.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise EvidenceError("not the head of a chain", subject=path.name) from None


def read_chain(evidence: Path, public_key: Ed25519PublicKey) -> tuple[tuple[Record, ...], str]:
    """All records and the digest of the newest one's file (empty for none).

    Raises EvidenceError at the first record that does not hold: nothing is ever appended
    to a broken chain.
    """
    records: list[Record] = []
    digest = ""
    for number, path in enumerate(record_files(evidence), 1):
        data = path.read_bytes()
        try:
            record = from_statement(unwrap(data, public_key))
        except EvidenceError as error:
            raise EvidenceError(error.reason, subject=path.name) from None
        if path != record_path(evidence, number) or record.sequence != number:
            raise EvidenceError("records are missing or out of order", subject=path.name)
        if record.previous != digest:
            raise EvidenceError("does not follow the record before it", subject=path.name)
        records.append(record)
        digest = sha256(data)
    return tuple(records), digest


def seal(
    evidence: Path,
    facts: Facts,
    *,
    signer: Signer,
    public_key: Ed25519PublicKey,
    now: datetime.datetime,
) -> tuple[Head, bool]:
    """Append a record of everything no record covers yet.

    Returns the head and whether a record was added. Raises EvidenceError when the chain
    there is broken or cut off, or another process is sealing.
    """
    past, previous = read_chain(evidence, public_key)
    old = read_head(evidence / HEAD)
    if old and old.sequence > len(past):
        raise EvidenceError(f"the head names record {old.sequence}, which is missing", subject=HEAD)
    record = make_record(facts, past, previous, now)
    if record is None:
        return _write_head(evidence, past[-1], previous), False
    data = wrap(statement(record), signer)
    unwrap(data, public_key)  # never write what would not verify
    write_durably(evidence / PUBLIC_KEY, public_pem(public_key))
    _append(record_path(evidence, record.sequence), data)
    return _write_head(evidence, record, sha256(data)), True


def _append(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    write_durably(draft, data)
    try:
        os.link(draft, path)  # fails where a rename would overwrite
    except FileExistsError:
        raise EvidenceError("another process has just sealed a record", subject=path.name) from None
    finally:
        draft.unlink()


def _write_head(evidence: Path, record: Record, digest: str) -> Head:
    head = Head(record.site, record.sequence, digest, record.sealed_at)
    write_durably(evidence / HEAD, canonical(asdict(head)))
    return head
