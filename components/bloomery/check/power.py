"""Rules P1 and P3: what a rack draws against its limit, its breakers and their phases."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bloomery.check import air, feeds, supplies
from bloomery.check.contents import contents, power_kw
from bloomery.check.note import Severity
from bloomery.check.preconditions import FEEDS, THREE_PHASE
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import CircuitPlan, Plan

LOW_MARGIN = 0.05
"""Share of a rack's power below which a warning is due: one more cable or fan may cross it."""

MILLIWATT = 1e-6
"""Slack of a sum of decimals, kW: figures that add up to exactly the limit must pass."""

WATT = 2e-3
"""Slack between sums that were rounded to a watt on the way, kW."""

CENTIAMPERE = 0.01
"""Slack of a current, A: loads of a phase come rounded to a watt."""

GOOD_BALANCE = 0.10
"""Imbalance below which nothing need be done (calcspec.com, PDU load balance)."""

BAD_BALANCE = 0.15
"""Imbalance above which loads should be moved (calcspec.com, PDU load balance)."""

PHASES = 3


def breaker_kva(volts: float, amps: float, phases: int, continuous: float = 1.0) -> float:
    """Apparent power of one circuit: sqrt(3) V I between three lines, V I on one; kVA."""
    return (math.sqrt(3) if phases == PHASES else 1.0) * volts * amps * continuous / 1000


def line_amps(bank_amps: Sequence[float]) -> tuple[float, ...]:
    """Line currents of a delta load from the currents between lines 1-2, 2-3 and 3-1.

    Two banks meet in a line 60 degrees apart, so they do not simply add up:
    I1 = sqrt(I12^2 + I31^2 + I12 I31).
    """
    ab, bc, ca = bank_amps
    return tuple(math.sqrt(x * x + y * y + x * y) for x, y in ((ab, ca), (bc, ab), (ca, bc)))


def imbalance(amps: Sequence[float]) -> float:
    """Largest distance of a phase from their mean, as a share of the mean; 0 without load."""
    mean = math.fsum(amps) / len(amps)
    return max(abs(each - mean) for each in amps) / mean if mean else 0.0


def _rack_limit(plan: Plan) -> Iterator[Finding]:
    found = contents(plan)
    for rack in plan.metal.racks:
        draw = power_kw(found.get(rack.name, ()))
        margin = rack.power_limit_kw - draw
        if margin >= LOW_MARGIN * rack.power_limit_kw:
            continue
        beyond = margin < -MILLIWATT
        yield Finding(
            subject=rack.name,
            value=f"{draw:.3f} kW nameplate",
            limit=f"{rack.power_limit_kw:.3f} kW",
            margin=f"{margin:.3f} kW",
            remedy="move machines to another rack, or correct power_kw if the feeds give more",
            severity=Severity.ERROR if beyond else Severity.WARNING,
        )


def _unknown_power(plan: Plan) -> Iterator[Finding]:
    keys = {
        "node": "power_kw in its pool",
        "switch": "fabric.switches.{}.power_kw",
        "cdu": "power_kw of its CDUs in cooling.loops",
    }
    for model in plan.metal.models:
        if model.kind in keys and model.power_kw <= 0:
            yield Finding(
                subject=model.key,
                value="unknown power",
                limit="maximum power, kW",
                remedy=f"give {keys[model.kind].format(model.key)}, from the vendor's data sheet",
            )


def by_rack(plan: Plan) -> Mapping[str, Sequence[CircuitPlan]]:
    """Circuits of each rack."""
    found: dict[str, list[CircuitPlan]] = defaultdict(list)
    for circuit in plan.metal.circuits:
        found[circuit.rack].append(circuit)
    return found


def _breakers(plan: Plan) -> Iterator[Finding]:
    found = contents(plan)
    for rack, circuits in by_rack(plan).items():
        draw = power_kw(found.get(rack, ()))
        carried = math.fsum(circuit.load_kw for circuit in circuits)
        if abs(carried - draw) > WATT * (1 + len(circuits)):
            yield Finding(
                subject=rack,
                value=f"{carried:.3f} kW on its circuits",
                limit=f"{draw:.3f} kW total load",
                margin=f"{carried - draw:.3f} kW",
                remedy="recalculate the circuits from the contents of the rack",
            )
        for circuit in circuits:
            yield from _breaker(circuit)


def _breaker(circuit: CircuitPlan) -> Iterator[Finding]:
    one = breaker_kva(circuit.volts, 1.0, circuit.phases) * circuit.count * circuit.power_factor
    limit = circuit.continuous * circuit.amps
    amps = circuit.load_kw / one if one else math.inf
    if amps > limit + CENTIAMPERE:
        yield Finding(
            subject=f"{circuit.rack} on {circuit.source}",
            value=f"{amps:.1f} A per phase",
            limit=f"{limit:.1f} A ({circuit.continuous:.0%} of {circuit.amps:g} A)",
            margin=f"{limit - amps:.1f} A",
            remedy="add a circuit, use a larger one, or move machines to another rack",
        )


def _rack_power(plan: Plan) -> Iterator[Finding]:
    yield from _rack_limit(plan)
    yield from _unknown_power(plan)
    yield from _breakers(plan)


def phase_amps(circuit: CircuitPlan, share: float = 1.0) -> tuple[float, ...]:
    """Current in each line of one of its breakers, A, at ``share`` of the planned load."""
    root = 1.0 if circuit.wiring == "delta" else math.sqrt(3)
    volts = circuit.volts / root * circuit.power_factor * circuit.count
    banks = tuple(share * load * 1000 / volts if volts else math.inf for load in circuit.phase_kw)
    return line_amps(banks) if circuit.wiring == "delta" else banks


def _balance(plan: Plan) -> Iterator[Finding]:
    for circuit in plan.metal.circuits:
        total = math.fsum(circuit.phase_kw)
        if len(circuit.phase_kw) != PHASES or not total:
            continue
        # What the other sides leave behind comes in the same proportions.
        worst = max(circuit.alone_kw, total) / total
        amps = phase_amps(circuit, worst)
        limit = circuit.continuous * circuit.amps
        if max(amps) > limit + CENTIAMPERE:
            yield Finding(
                subject=f"{circuit.rack} on {circuit.source}",
                value=f"{max(amps):.1f} A in line {amps.index(max(amps)) + 1}",
                limit=f"{limit:.1f} A ({circuit.continuous:.0%} of {circuit.amps:g} A)",
                margin=f"{limit - max(amps):.1f} A",
                remedy="distribute the machines over the phases, or use a larger circuit",
            )
        elif _matters(circuit, worst):
            yield from _imbalance(circuit)


def _matters(circuit: CircuitPlan, worst: float) -> bool:
    """Whether a breaker could trip at all if every load hung on one phase."""
    crowded = replace(circuit, phase_kw=(math.fsum(circuit.phase_kw), 0.0, 0.0))
    return max(phase_amps(crowded, worst)) > circuit.continuous * circuit.amps


def _imbalance(circuit: CircuitPlan) -> Iterator[Finding]:
    found = imbalance(phase_amps(circuit))
    if found > GOOD_BALANCE:
        due = "move" if found > BAD_BALANCE else "at the next move, relocate"
        yield Finding(
            subject=f"{circuit.rack} on {circuit.source}",
            value=f"{found:.0%} phase imbalance",
            limit=f"{GOOD_BALANCE:.0%} advised; above {BAD_BALANCE:.0%} correct it",
            margin=f"{GOOD_BALANCE - found:.0%}",
            remedy=f"{due} machines to other units, so that their supplies use other phases; "
            "where three does not divide the number of supplies, some of it stays",
            severity=Severity.WARNING,
        )


RULES = (
    Rule(
        "P1",
        "Rack load stays within its power limit, circuit load within breaker ratings",
        "racks[].power_kw and power.circuits of site.yaml against nameplate power",
        _rack_power,
    ),
    Rule(
        "P3",
        "No line of a three-phase circuit exceeds its limit",
        "calcspec.com, PDU load balance; line currents of delta loads per Raritan",
        _balance,
        (FEEDS, THREE_PHASE),
    ),
    *feeds.RULES,
    *supplies.RULES,
    *air.RULES,
)
