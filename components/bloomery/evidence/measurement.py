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
    """Tables beside the verdicts. A measurement of schema 1 has none: it had a field for each
    thing measured, and this release does not read those fields."""


@dataclass(frozen=True)
class Filed:
    """A measurement with the file it stands in."""

    file: str
    sha256: str
    measurement: Measurement


SCHEMAS = (1, 2)
"""Versions of the file's shape that this release reads."""


@dataclass(frozen=True)
class _Versioned:
    """The one field that every version of the file has, or leaves out as the first did."""

    schema: int = 1


_VERSION = TypeAdapter(_Versioned)
_SHAPE = TypeAdapter(Measurement)


def read_measurements(evidence: Path) -> tuple[Filed, ...]:
    """All measurements under ``evidence``, oldest first.

    Raises EvidenceError naming a file that is not a measurement.
    """
    return tuple(read_one(path) for path in sorted((evidence / FOLDER).glob("[0-9]*.json")))


def read_one(path: Path) -> Filed:
    """One measurement. Raises EvidenceError when the file is not one this release reads."""
    data = path.read_bytes()
    try:
        schema = _VERSION.validate_json(data).schema
        if schema not in SCHEMAS:
            raise _unread(schema, path.name)
        return Filed(path.name, sha256(data), _SHAPE.validate_json(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise EvidenceError(
            f"not a measurement: {where}: {first['msg']}", subject=path.name
        ) from None


def _unread(schema: int, name: str) -> EvidenceError:
    known = " and ".join(str(version) for version in SCHEMAS)
    return EvidenceError(
        f"a measurement of schema {schema}; this release reads schemas {known}",
        subject=name,
        next_step="use the release that wrote it, or a newer one",
    )
