"""Measurements as the Acceptance resource wrote them: one file each, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bloomery.errors import EvidenceError
from bloomery.evidence.canonical import sha256
from bloomery.records import Attachment, Verdict

FOLDER = "measurements"
"""Folder of the measurements inside the evidence directory."""


@dataclass(frozen=True)
class Measurement:
    """What one acceptance saw."""

    site: str
    time: str
    """When, ISO 8601 with offset."""
    plan_digest: str
    verdicts: tuple[Verdict, ...]
    attachments: tuple[Attachment, ...] = ()
    """What was seen beyond them. A measurement of schema 1 has none: it had a field for each
    thing measured, and what stood in those is left to the release that wrote it."""
    schema: int = 1


@dataclass(frozen=True)
class Filed:
    """A measurement with the file it stands in."""

    file: str
    sha256: str
    measurement: Measurement


NEWEST = 2
"""Newest schema this release reads."""

_SHAPE = TypeAdapter(Measurement)


def read_measurements(evidence: Path) -> tuple[Filed, ...]:
    """All measurements under ``evidence``, oldest first.

    Raises EvidenceError naming a file that is not a measurement.
    """
    return tuple(read_one(path) for path in sorted((evidence / FOLDER).glob("[0-9]*.json")))


def read_one(path: Path) -> Filed:
    """One measurement. Raises EvidenceError when the file is not one."""
    data = path.read_bytes()
    try:
        found = _SHAPE.validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise EvidenceError(
            f"not a measurement: {where}: {first['msg']}", subject=path.name
        ) from None
    if found.schema > NEWEST:
        raise EvidenceError(
            f"a measurement of schema {found.schema}, newer than this release reads",
            subject=path.name,
        )
    return Filed(path.name, sha256(data), found)
