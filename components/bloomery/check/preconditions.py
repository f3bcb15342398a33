"""What a plan must describe for a rule to be applicable.

A rule without its precondition is not applicable: that is not a pass, and is counted separately.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bloomery.check.coolant_view import liquid_heat
from bloomery.plan.model import Plan


@dataclass(frozen=True)
class Precondition:
    """Something that not every site has."""

    what: str
    """Named by its key in site.yaml."""
    there: Callable[[Plan], object]
    """Whether the plan has it: true where it is not empty."""


FEEDS = Precondition("feeds of racks", lambda plan: plan.metal.circuits)
THREE_PHASE = Precondition(
    "three-phase circuits", lambda plan: any(len(it.phase_kw) > 1 for it in plan.metal.circuits)
)
SUPPLIES = Precondition("psus of models", lambda plan: any(it.psus for it in plan.metal.models))
SOURCES = Precondition("power.sources", lambda plan: plan.metal.sources)
HALLS = Precondition("halls", lambda plan: plan.metal.halls)
WEIGHTS = Precondition(
    "weight_limit_kg of racks", lambda plan: any(it.weight_limit_kg for it in plan.metal.racks)
)
RACK_SCALE = Precondition(
    "rack-scale racks", lambda plan: any(it.trays for it in plan.metal.models)
)
LOOPS = Precondition("cooling.loops", lambda plan: plan.cooling.loops)
LIQUID = Precondition(
    "racks with heat to liquid",
    lambda plan: bool(plan.cooling.loops) or any(liquid_heat(plan).values()),
)
FABRIC = Precondition("fabric", lambda plan: plan.fabric.networks)
ROUTED = Precondition(
    "Ethernet fabric", lambda plan: any(it.asn_first for it in plan.fabric.networks)
)
DISTANCES = Precondition(
    "fabric.distances", lambda plan: any(it.length_m for it in plan.fabric.cables)
)
STORAGE_NETWORK = Precondition(
    "fabric.storage", lambda plan: any(it.name == "storage" for it in plan.fabric.networks)
)
TIERS = Precondition("storage.tiers", lambda plan: plan.storage.tiers)
BLOCKS = Precondition(
    "block of storage.tiers", lambda plan: any(it.block_capacity_tb for it in plan.storage.tiers)
)
JOBS = Precondition("storage.jobs", lambda plan: plan.storage.checkpoints)
RUNS = Precondition("cluster.runs", lambda plan: plan.site.runs)
PROJECTS = Precondition(
    "projects", lambda plan: bool(plan.cluster.projects or plan.cluster.capacity)
)
COST = Precondition("cost", lambda plan: plan.cluster.cost)
