"""What a plan must hold for a rule to have something to judge.

A rule without it finds nothing and says nothing: that is no pass, and is told apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bloomery.check.coolant_view import liquid_heat
from bloomery.plan.model import Plan


@dataclass(frozen=True)
class Need:
    """Something that not every site has."""

    what: str
    """In the words of site.yaml."""
    there: Callable[[Plan], object]
    """Whether the plan has it: true where it is not empty."""


FEEDS = Need("feeds of racks", lambda plan: plan.metal.circuits)
THREE_PHASE = Need(
    "three-phase circuits", lambda plan: any(len(it.phase_kw) > 1 for it in plan.metal.circuits)
)
SUPPLIES = Need("psus of models", lambda plan: any(it.psus for it in plan.metal.models))
SOURCES = Need("power.sources", lambda plan: plan.metal.sources)
HALLS = Need("halls", lambda plan: plan.metal.halls)
WEIGHTS = Need(
    "weight_limit_kg of racks", lambda plan: any(it.weight_limit_kg for it in plan.metal.racks)
)
RACK_SCALE = Need("rack-scale racks", lambda plan: any(it.trays for it in plan.metal.models))
LOOPS = Need("cooling.loops", lambda plan: plan.cooling.loops)
LIQUID = Need(
    "racks with heat to liquid",
    lambda plan: bool(plan.cooling.loops) or any(liquid_heat(plan).values()),
)
FABRIC = Need("fabric", lambda plan: plan.fabric.networks)
ROUTED = Need("an Ethernet fabric", lambda plan: any(it.asn_first for it in plan.fabric.networks))
DISTANCES = Need("fabric.distances", lambda plan: any(it.length_m for it in plan.fabric.cables))
STORAGE_NETWORK = Need(
    "fabric.storage", lambda plan: any(it.name == "storage" for it in plan.fabric.networks)
)
TIERS = Need("storage.tiers", lambda plan: plan.storage.tiers)
BLOCKS = Need(
    "block of storage.tiers", lambda plan: any(it.block_capacity_tb for it in plan.storage.tiers)
)
JOBS = Need("storage.jobs", lambda plan: plan.storage.checkpoints)
RUNS = Need("cluster.runs", lambda plan: plan.site.runs)
PROJECTS = Need("projects", lambda plan: bool(plan.cluster.projects or plan.cluster.capacity))
COST = Need("cost", lambda plan: plan.cluster.cost)
