"""What a plan must describe for a rule to be applicable.

A rule without its precondition is not applicable: that is not a pass, and is counted separately.
Where only some devices have what the rule looks at, it passes in part, and the others are named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bloomery.check.contents import contents
from bloomery.check.coolant_view import liquid_heat
from bloomery.plan.model import Plan, RackPlan


@dataclass(frozen=True)
class Precondition:
    """Something that not every site has."""

    what: str
    """Named by its key in site.yaml."""
    there: Callable[[Plan], object]
    """Whether the plan has it: true where it is not empty."""
    without: Callable[[Plan], Iterable[str]] = lambda _: ()
    """Devices that should have it and do not, where it is a fact of each device."""


def _racks_without_feeds(plan: Plan) -> Iterable[str]:
    fed = {it.rack for it in plan.metal.circuits}
    return (rack for rack in contents(plan) if rack not in fed)


def _scaled_without_feeds(plan: Plan) -> Iterable[str]:
    scaled = {
        rack
        for rack, there in contents(plan).items()
        if any(it.model and it.model.trays for it in there)
    }
    return (rack for rack in _racks_without_feeds(plan) if rack in scaled)


def _racks_without(plan: Plan, fact: Callable[[RackPlan], object]) -> Iterable[str]:
    """Racks in use of which the site does not give ``fact``."""
    given = {it.name for it in plan.metal.racks if fact(it)}
    return (rack for rack in contents(plan) if rack not in given)


def _models_without_psus(plan: Plan) -> Iterable[str]:
    """Models of machines with supplies of their own, whose number no source gives."""
    placed = {
        it.model.key: it.model for there in contents(plan).values() for it in there if it.model
    }
    return (
        key
        for key, it in sorted(placed.items())
        if it.kind == "node" and not it.psus and not it.trays
    )


def _networks_without_lengths(plan: Plan) -> Iterable[str]:
    unknown = {it.network for it in plan.fabric.cables if not it.length_m}
    return (it.name for it in plan.fabric.networks if it.name in unknown)


def _of_vendor(plan: Plan, vendor: str) -> bool:
    found = (one.accelerator for one in plan.metal.software)
    return any(it.vendor == vendor for it in found if it)


FEEDS = Precondition(
    "feeds of racks", lambda plan: plan.metal.circuits, without=_racks_without_feeds
)
RACK_SCALE_FEEDS = Precondition(
    "feeds of rack-scale racks", lambda plan: plan.metal.circuits, without=_scaled_without_feeds
)
THREE_PHASE = Precondition(
    "three-phase circuits", lambda plan: any(len(it.phase_kw) > 1 for it in plan.metal.circuits)
)
SUPPLIES = Precondition(
    "psus of models",
    lambda plan: any(it.psus for it in plan.metal.models),
    without=_models_without_psus,
)
SHELVES = Precondition(
    "shelves of models",
    lambda plan: any(it.shelves for it in plan.metal.models),
    without=lambda plan: (it.key for it in plan.metal.models if it.trays and not it.shelves),
)
SOURCES = Precondition("power.sources", lambda plan: plan.metal.sources)
HALLS = Precondition(
    "halls",
    lambda plan: plan.metal.halls,
    without=lambda plan: _racks_without(plan, lambda it: it.hall),
)
WEIGHTS = Precondition(
    "weight_limit_kg of racks",
    lambda plan: any(it.weight_limit_kg for it in plan.metal.racks),
    without=lambda plan: _racks_without(plan, lambda it: it.weight_limit_kg),
)
RACK_SCALE = Precondition(
    "rack-scale racks",
    lambda plan: bool(plan.metal.parts) or any(it.trays for it in plan.metal.models),
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
    "lengths of cables",
    lambda plan: any(it.length_m for it in plan.fabric.cables),
    without=_networks_without_lengths,
)
STORAGE_NETWORK = Precondition(
    "fabric.storage", lambda plan: any(it.name == "storage" for it in plan.fabric.networks)
)
TIERS = Precondition("storage.tiers", lambda plan: plan.storage.tiers)
BLOCKS = Precondition(
    "block of storage.tiers",
    lambda plan: any(it.block_capacity_tb for it in plan.storage.tiers),
)
JOBS = Precondition("storage.jobs", lambda plan: plan.storage.checkpoints)
RUNS = Precondition("cluster.runs", lambda plan: plan.site.runs)
PROJECTS = Precondition(
    "projects", lambda plan: bool(plan.cluster.projects or plan.cluster.capacity)
)
COST = Precondition("cost", lambda plan: plan.cluster.cost)
SOFTWARE = Precondition("software set of the release", lambda plan: plan.metal.software)
NVIDIA = Precondition("NVIDIA software", lambda plan: _of_vendor(plan, "nvidia"))
AMD = Precondition("AMD software", lambda plan: _of_vendor(plan, "amd"))
