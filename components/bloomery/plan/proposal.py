"""What a proposal is: one way to build what a workload asks for, and what limits it."""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.plan.model import ModelPlan
from bloomery.plan.workload import Job
from bloomery.site.draft.workload import Candidate


@dataclass(frozen=True)
class Limit:
    """What is taken of one thing the place gives."""

    name: str
    used: float
    given: float
    """More than nothing: loading sees to it."""
    unit: str

    @property
    def share(self) -> float:
        """Part of it that is taken; above 1 it does not fit."""
        return self.used / self.given

    def __str__(self) -> str:
        """One line: what is taken, of how much."""
        return f"{self.name}: {self.used:,.6g} of {self.given:,.6g} {self.unit}"


@dataclass(frozen=True)
class Switches:
    """The compute network of a proposal."""

    su: int
    rails: int
    tree_tiers: int
    rails_per_leaf: int
    leaves: int
    spines: int
    cores: int
    cables: int
    per_rack: int
    racks: int
    power_kw: float


@dataclass(frozen=True)
class Loops:
    """Coolant of a proposal; all zero where it is cooled by air."""

    count: int = 0
    cdus: int = 0
    """CDUs of each loop: what its heat and flow need, and one more."""
    heat_kw: float = 0.0
    """Peak heat to liquid, all loops."""
    flow_lpm: float = 0.0
    """Coolant at that heat, all loops."""
    power_kw: float = 0.0
    """What all CDUs draw."""


@dataclass(frozen=True)
class Racks:
    """Racks of each kind, and machines in one of them."""

    training: int
    serving: int
    management: int
    gpu_machines: int
    """GPU machines in a full rack."""
    servers: int
    """Management machines in a full rack."""


@dataclass(frozen=True)
class Proposal:
    """One way to build it."""

    candidate: Candidate
    model: ModelPlan
    jobs: tuple[Job, ...]
    training: int
    """Machines that train."""
    serving: int
    """Machines that serve."""
    racks: Racks
    switches: Switches | None
    """``None`` where no tree of this size can be built, or nothing trains."""
    loops: Loops
    power_kw: float
    """Peak power of machines, switches and CDUs."""
    air_kw: float
    """Peak heat to the room."""
    limits: tuple[Limit, ...] = ()
    refused: tuple[str, ...] = ()
    """What makes it impossible; empty where it fits."""

    @property
    def all_racks(self) -> int:
        """Racks of machines and of switches."""
        racks = self.racks
        machines = racks.training + racks.serving + racks.management
        return machines + (self.switches.racks if self.switches else 0)

    @property
    def limiting(self) -> str:
        """The one thing that refuses it, or that would stop it from growing first."""
        if self.refused:
            return self.refused[0]
        worst = max(self.limits, key=lambda limit: limit.share)
        return f"{worst} ({worst.share:.0%})"
