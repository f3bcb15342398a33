"""What is shown, independent of how: plain frozen values, each already judged."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from bloomery.evidence import Audit, PolicyReport
from bloomery.evidence.judging import Part
from bloomery.records import Attachment, Outcome, Verdict

PHASES = (
    "identify",
    "credentials",
    "firmware",
    "bios",
    "media",
    "install",
    "boot",
    "reachable",
)
"""Phases of a bring-up, in their order."""


@dataclass(frozen=True)
class NodeView:
    """One machine as it stands."""

    name: str
    pool: str
    purpose: str
    model: str
    rack: str
    unit: int
    height: int
    address: str
    bmc: str
    phase: str
    """Last phase in its journal; ``no journal`` where it was measured and has none,
    ``not started`` where neither was done."""
    outcome: Outcome
    reason: str = ""
    next_step: str = ""
    took: float | None = None
    """Seconds of its newest bring-up; None where there was none."""
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class Bar:
    """One phase of one machine in the timeline."""

    node: str
    phase: str
    start: datetime.datetime
    end: datetime.datetime
    how: str
    """``done``, ``stuck``, ``cut`` (begun anew without an end) or ``open``."""
    reason: str = ""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True)
class RackView:
    """One rack and its machines."""

    name: str
    units: int
    power_kw: float
    power_limit_kw: float
    nodes: tuple[NodeView, ...]


@dataclass(frozen=True)
class View:
    """A whole site at one moment."""

    site: str
    country: str
    location: str
    lab: bool
    release: str
    plan_digest: str
    made_at: datetime.datetime
    racks: tuple[RackView, ...]
    nodes: tuple[NodeView, ...]
    """All machines, those that did not pass first."""
    bars: tuple[Bar, ...]
    checks: tuple[Verdict, ...]
    """Verdicts on something else than a machine; one not measured where nothing was."""
    attachments: tuple[Attachment, ...]
    """Tables of the newest measurement; none where it is of another plan."""
    policies: PolicyReport | None
    policy_part: Part
    audit: Audit | None
    """None when the evidence was not verified."""
    parts: tuple[Part, ...]
    """What the newest record rests on; one part saying why where there is none."""
    outcome: Outcome
    """Of the newest record, once its chain is sound; otherwise not measured or fail."""
    measured_at: str = ""
    problems: tuple[str, ...] = ()
    """Files that could not be read, each with its reason."""
