"""What the policy packs said of one plan: the shape of ``policy.json``.

``events`` fills it from the engine's event log and the pack's own description of its
rules, which knows what the engine does not tell: controls and remedy.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from bloomery.errors import EvidenceError
from bloomery.evidence.judging import worst
from bloomery.records import Outcome

MANDATORY = "mandatory"
"""Enforcement level whose findings stop an update."""


@dataclass(frozen=True)
class Control:
    """A control of a named edition of a framework."""

    framework: str
    edition: str
    id: str

    def __str__(self) -> str:
        return f"{self.framework} {self.edition} {self.id}"


@dataclass(frozen=True)
class PolicyFinding:
    """One thing a rule does not accept."""

    subject: str
    """Whom it concerns, for example ``Node lab-train-01``."""
    message: str
    outcome: Outcome = Outcome.FAIL
    """Fail, or not measured when the rule could not run."""


@dataclass(frozen=True)
class PolicyRule:
    """One rule and what came of it."""

    pack: str
    rule: str
    level: str = MANDATORY
    severity: str = ""
    description: str = ""
    remedy: str = ""
    controls: tuple[Control, ...] = ()
    outcome: Outcome = Outcome.NOT_MEASURED
    reason: str = "the rule saw nothing it applies to"
    passed: tuple[str, ...] = ()
    """Subjects that passed."""
    findings: tuple[PolicyFinding, ...] = ()


@dataclass(frozen=True)
class Pack:
    """Which pack was run."""

    name: str
    version: str
    sha256: str = ""
    """Digest over the pack's files; empty when it is not known."""
    rules: tuple[PolicyRule, ...] = ()
    """Its rules as the pack describes them, not run yet."""


@dataclass(frozen=True)
class PolicyReport:
    """What all rules said of one plan."""

    site: str
    time: str
    plan_digest: str
    """Plan the rules saw, from the Site resource; empty when the stack has none."""
    finished: bool
    """Whether the preview came to its end, with or without findings."""
    packs: Mapping[str, str] = field(default_factory=dict)
    """Pack -> ``version sha256:digest``."""
    rules: tuple[PolicyRule, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Worst outcome of the mandatory rules; not measured without any."""
        return worst(rule.outcome for rule in self.rules if rule.level == MANDATORY)

    def as_dict(self) -> dict[str, object]:
        """Plain JSON values: the content of ``policy.json``."""
        return dataclasses.asdict(self)


_SHAPE = TypeAdapter(PolicyReport)


def parse_policy(data: bytes, source: str = "policy.json") -> PolicyReport:
    """A report from the content of ``policy.json``. Raises EvidenceError."""
    try:
        return _SHAPE.validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise EvidenceError(
            f"not a policy report: {where}: {first['msg']}", subject=source
        ) from None


def parse_pack(data: bytes, version: str, sha256: str) -> Pack:
    """A pack from what its ``describe.py`` prints. Raises EvidenceError."""
    try:
        said = json.loads(data)
        shape = TypeAdapter(tuple[PolicyRule, ...])
        rules = [{**rule, "pack": said["pack"]} for rule in said["rules"]]
        return Pack(said["pack"], version, sha256, shape.validate_python(rules))
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"the description of the pack cannot be read: {error}") from None
