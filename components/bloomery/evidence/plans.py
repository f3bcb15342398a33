"""Plans that records name: kept beside them, each under the digest of its own bytes.

A record says which plan it is about by digest alone. The bytes are kept when it is sealed,
so that the next change can be compared with what was sealed. A plan is never changed:
what does not fit its name is not read.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bloomery.errors import EvidenceError
from bloomery.evidence.canonical import sha256, write_durably
from bloomery.evidence.chain import read_chain
from bloomery.evidence.history import SUCCEEDED
from bloomery.evidence.record import Record

FOLDER = "plans"
"""Folder of the plans inside the evidence directory."""

SUFFIX = ".json.gz"
"""What follows the digest in a plan's file name."""

CHANGES = ("update", "destroy")
"""Kinds of a history entry after which another plan stands, or none."""


def plan_path(evidence: Path, digest: str) -> Path:
    """File of one plan. Raises EvidenceError for what is no digest."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise EvidenceError("not the digest of a plan", subject=digest[:80])
    return evidence / FOLDER / f"{digest}{SUFFIX}"


def keep_plan(evidence: Path, data: bytes) -> str:
    """Keep the bytes of a plan; returns their digest. Does nothing where they are kept."""
    digest = sha256(data)
    path = plan_path(evidence, digest)
    if not path.exists():
        write_durably(path, gzip.compress(data, mtime=0))
    return digest


def kept_plan(evidence: Path, digest: str) -> bytes:
    """The bytes of a plan by digest. Raises EvidenceError when they are not there, or altered."""
    path = plan_path(evidence, digest)
    try:
        data = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise EvidenceError("the plan of the last record is not kept", subject=path.name) from None
    except (OSError, EOFError, zlib.error):
        raise EvidenceError("a kept plan cannot be read", subject=path.name) from None
    if sha256(data) != digest:
        raise EvidenceError("a kept plan was altered", subject=path.name)
    return data


def standing_plan(evidence: Path, public_key: Ed25519PublicKey) -> tuple[str, bytes] | None:
    """Digest and bytes of the plan that stands by the sealed records; None where none does.

    Raises EvidenceError when the chain does not hold, or its plan is not kept or altered.
    """
    digest = standing(read_chain(evidence, public_key)[0])
    return (digest, kept_plan(evidence, digest)) if digest else None


def standing(records: Sequence[Record]) -> str:
    """Digest of the plan of the newest record that covers a change; empty where none stands.

    A change that failed half-way counts: part of the metal follows it. After a destroy
    nothing stands.
    """
    for record in reversed(records):
        changes = [entry for entry in record.updates if entry.kind in CHANGES]
        if not changes:
            continue
        if changes[-1].kind == "destroy" and changes[-1].result == SUCCEEDED:
            return ""
        # What was measured is what was brought up; the files may have moved on since.
        measured = record.measurements[-1].plan_digest if record.measurements else ""
        return measured or record.plan_digest
    return ""
