"""Measurements as the Acceptance resource wrote them: one file each, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bloomery.errors import EvidenceError
from bloomery.evidence.canonical import sha256
from bloomery.records import Verdict

FOLDER = "measurements"
"""Folder of the measurements inside the evidence directory."""


@dataclass(frozen=True)
class NodeState:
    """How a node stood when it was measured."""

    phase: str
    ready: bool
    reason: str = ""
    next: str = ""


Recap = Mapping[str, Mapping[str, Mapping[str, int | str]]]
"""Run -> host -> Ansible's counts (ok, changed, failed, unreachable) and a reason."""


@dataclass(frozen=True)
class Measurement:
    """What one acceptance saw."""

    site: str
    time: str
    """When, ISO 8601 with offset."""
    plan_digest: str
    verdicts: tuple[Verdict, ...]
    nodes: Mapping[str, NodeState]
    runs: Recap
    endpoint: str = ""
    answer: str = ""
    nonce_sha256: str = ""


@dataclass(frozen=True)
class Filed:
    """A measurement with the file it stands in."""

    file: str
    sha256: str
    measurement: Measurement


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
        return Filed(path.name, sha256(data), _SHAPE.validate_json(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise EvidenceError(
            f"not a measurement: {where}: {first['msg']}", subject=path.name
        ) from None
