"""Cost of a year and of one GPU-hour, from the site's own prices."""

from __future__ import annotations

import math

from bloomery.catalogue import node_model
from bloomery.plan.energy import (
    HOURS_A_YEAR,
    demand_kw,
    facility_energy_mwh,
    water_m3,
)
from bloomery.plan.model import CostPlan, MetalPlan
from bloomery.site import Site
from bloomery.site.cluster.sheet import Cost

CENTS = 2
"""Decimals of an amount."""


def plan_cost(site: Site, metal: MetalPlan) -> CostPlan | None:
    """What the site costs in a year; None where it gives no prices."""
    if site.cost is None:
        return None
    power = math.fsum(rack.power_kw for rack in metal.racks)
    gpus = {model: _gpus(model) for model in {node.model for node in metal.nodes}}
    return year_cost(site.cost, power, sum(gpus[node.model] for node in metal.nodes))


def _gpus(model: str) -> int:
    count = node_model(model).gpus
    return int(count.value) if count else 0


def year_cost(cost: Cost, it_kw: float, gpus: int) -> CostPlan:
    """Cost of a year of ``gpus`` GPUs whose racks draw ``it_kw`` at most.

    The price of a GPU-hour falls on the hours that are used: idle ones cost as much.
    """
    load = cost.load_factor / 100
    energy = facility_energy_mwh(it_kw, load, cost.pue)
    water = water_m3(it_kw, load, cost.wue_l_kwh)
    parts = {
        "capital_year": _capital(cost) / cost.write_off_years,
        "energy_year": energy * cost.energy_mwh,
        "water_year": water * cost.water_m3,
        "demand_year": demand_kw(it_kw, cost.pue) * cost.demand_kw_year,
        "staff_year": cost.staff_hours * cost.staff_hour,
    }
    year = math.fsum(parts.values())
    hours = gpus * HOURS_A_YEAR * cost.utilisation / 100
    return CostPlan(
        currency=cost.currency,
        gpu_hour=round(year / hours, 4) if hours else 0.0,
        year=round(year, CENTS),
        **{name: round(amount, CENTS) for name, amount in parts.items()},
        energy_mwh=round(energy, 3),
        water_m3=round(water, 3),
        gpus=gpus,
        utilisation=cost.utilisation / 100,
        it_kw=round(it_kw, 3),
        load_factor=load,
        pue=cost.pue,
        wue_l_kwh=cost.wue_l_kwh,
        gpu_hours=round(hours, 3),
    )


def _capital(cost: Cost) -> float:
    if cost.capital is not None:
        return cost.capital
    return math.fsum((cost.capital_by_pool or {}).values())
