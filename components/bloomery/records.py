"""What was seen and what it means: plain, frozen, free of any library.

Agents on the site's machines import this module from a zipapp, so it uses the
standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum


class Quality(StrEnum):
    """How far an observation can be trusted."""

    GOOD = "good"
    STALE = "stale"
    BAD = "bad"
    ABSENT = "absent"


class Outcome(StrEnum):
    """What a verdict says. ``NOT_MEASURED`` is never a pass."""

    PASS = "pass"  # noqa: S105 # a verdict, not a password
    FAIL = "fail"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True)
class Observation:
    """A measured value of one subject."""

    subject: str
    """What was measured, for example ``lab-train-01``."""
    name: str
    """Which quantity, for example ``ssh.host_key``."""
    value: str | float | bool | None
    """The value; ``None`` when it could not be had."""
    unit: str = ""
    """Unit of ``value``; empty for text and truth values."""
    source_time: str = ""
    """When the source measured it, ISO 8601 in UTC."""
    quality: Quality = Quality.GOOD
    """How far it can be trusted."""


@dataclass(frozen=True)
class Verdict:
    """One rule applied to one observation."""

    rule: str
    """Which rule, for example ``acceptance.reachable``."""
    subject: str
    """Whom it concerns."""
    outcome: Outcome
    """Pass, fail or not measured."""
    reason: str = ""
    """Why, in one line."""
    limit: str = ""
    """What would have passed."""
    observation: Observation | None = None
    """What was seen; ``None`` only when the outcome is ``NOT_MEASURED``."""

    def as_dict(self) -> dict[str, object]:
        """Plain JSON values, for measurements and records."""
        return asdict(self)


@dataclass(frozen=True)
class Attachment:
    """What was seen beyond the verdicts: a table for people, whoever made it."""

    kind: str
    """Kind of claim it belongs to."""
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """As many cells a row as there are columns."""
    note: str = ""
    """What the table says, in a sentence or two."""

    def as_dict(self) -> dict[str, object]:
        """Plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class HostResult:
    """What Ansible did to one host."""

    host: str
    ok: int = 0
    changed: int = 0
    failed: int = 0
    unreachable: int = 0
    failed_task: str = ""
    """Name of the first failing task; empty when none failed."""
    reason: str = ""
    """Message of the first failing task, one line, free of secrets."""

    @property
    def converged(self) -> bool:
        """True when the host answered and nothing failed."""
        return self.ok > 0 and self.failed == 0 and self.unreachable == 0


@dataclass(frozen=True)
class RunResult:
    """What one run of a playbook did."""

    hosts: Mapping[str, HostResult] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Facts the playbook handed back, for example the digest of exported weights."""
