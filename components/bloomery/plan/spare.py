"""What is left when one thing fails: margins of power, as plain facts for policies.

Coolant needs no summary: the CoolantLoop resource carries loops and CDUs themselves.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from bloomery.plan.model import MetalPlan, Plan


@dataclass(frozen=True)
class Spare:
    """Power when one side is lost."""

    racks: int
    """Racks with something in them."""
    racks_on_two_sides: int
    """Those of them that two sides feed."""
    one_sided: str = ""
    """The first rack that one side alone feeds, or none; empty when there is no such rack."""
    circuit: str = ""
    """The circuit with the least left when every other side of its rack is lost."""
    circuit_left_kw: float = 0.0
    """What that circuit has left then, kW; negative: it trips."""
    source: str = ""
    """The source of the power tree with the least left when the other side is lost."""
    source_left_kw: float = 0.0
    """What that source has left then, kW; negative: it is overloaded."""
    no_spare_psu: tuple[str, ...] = ()
    """Models that need every power supply they have."""


def spare(plan: Plan) -> Spare:
    """Margins of ``plan``. Linear in racks, circuits and sources."""
    metal = plan.metal
    sides = _sides(metal)
    used = [rack.name for rack in metal.racks if rack.nodes or rack.items]
    one_sided = [name for name in used if len(sides.get(name, ())) < 2]
    circuits = [
        (round(found.capacity_kw - found.alone_kw, 3), f"{found.rack} side {found.side}")
        for found in metal.circuits
    ]
    sources = [
        (round(found.capacity_kw - found.worst_kw, 3), found.name) for found in metal.sources
    ]
    circuit_left, circuit = min(circuits, default=(0.0, ""))
    source_left, source = min(sources, default=(0.0, ""))
    return Spare(
        racks=len(used),
        racks_on_two_sides=len(used) - len(one_sided),
        one_sided=one_sided[0] if one_sided else "",
        circuit=circuit,
        circuit_left_kw=circuit_left,
        source=source,
        source_left_kw=source_left,
        no_spare_psu=tuple(
            model.key for model in metal.models if 0 < model.psus <= model.psus_needed
        ),
    )


def _sides(metal: MetalPlan) -> dict[str, set[str]]:
    sides: dict[str, set[str]] = defaultdict(set)
    for circuit in metal.circuits:
        if circuit.count:
            sides[circuit.rack].add(circuit.side)
    return sides
