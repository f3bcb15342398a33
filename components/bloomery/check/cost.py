"""Rule K6: a year's cost is the sum of its parts, and a GPU-hour its share of them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from bloomery.check.preconditions import COST
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import CostPlan, Plan

HOURS_A_YEAR = 8760

CLOSE = 1e-4
"""Share by which rounded amounts may differ."""


def _sums(plan: Plan) -> Iterator[Finding]:
    cost = plan.cluster.cost
    if cost is None:
        return
    models = {model.key: model.gpus for model in plan.metal.models}
    power = math.fsum(rack.power_kw for rack in plan.metal.racks)
    gpus = sum(models.get(node.model, 0) for node in plan.metal.nodes)
    for what, said, counted in _figures(cost, power, gpus):
        # A tenth of a cent is the last digit of no amount.
        if abs(said - counted) > max(1e-3, CLOSE * abs(counted)):
            yield Finding(
                subject=f"cost, {what}",
                value=f"{said:.4f}",
                limit=f"{counted:.4f}",
                margin=f"{counted - said:.4f}",
                remedy="run the plan again: the total is not the sum of its parts",
            )
    if not gpus:
        yield Finding(
            subject="cost",
            value="no GPU",
            limit="at least one",
            remedy="a site without GPUs has no cost per GPU-hour: remove 'cost'",
        )


def _figures(cost: CostPlan, power: float, gpus: int) -> Iterator[tuple[str, float, float]]:
    it_kwh = power * HOURS_A_YEAR * cost.load_factor
    hours = gpus * HOURS_A_YEAR * cost.utilisation
    parts = (
        cost.capital_year,
        cost.energy_year,
        cost.water_year,
        cost.demand_year,
        cost.staff_year,
    )
    yield "power of the racks (kW)", cost.it_kw, power
    yield "energy at the meter (MWh)", cost.energy_mwh, it_kwh * cost.pue / 1000
    # Water counts per IT energy: with the PUE in it, it would be counted twice.
    yield "water (m3)", cost.water_m3, it_kwh * cost.wue_l_kwh / 1000
    yield "year", cost.year, math.fsum(parts)
    if hours:
        yield "GPU-hour", cost.gpu_hour, math.fsum(parts) / hours


RULES = (
    Rule(
        "K6",
        "Yearly cost is the sum of its parts",
        "cost of site.yaml; WUE is per IT energy (ISO/IEC 30134-9)",
        _sums,
        (COST,),
    ),
)
