"""Physics of coolant: heat, flow, pressure, dew point, time. Formulae only, no design.

Rules may call these too: a law of nature is no sum of the plan's.
"""

from __future__ import annotations

import math

SECONDS_A_MINUTE = 60
"""Flow is told per minute, heat per second."""

MAGNUS_B, MAGNUS_C = 17.62, 243.12
"""Coefficients of the Magnus formula over water, -45 to 60 °C (WMO guide No. 8); C in °C."""


def flow_lpm(heat_kw: float, density_kg_l: float, heat_capacity: float, rise_k: float) -> float:
    """Flow that carries ``heat_kw`` with a rise of ``rise_k``, L/min.

    ``heat_capacity`` in kJ/(kg K). Raises ValueError for a rise that is not positive.
    """
    if rise_k <= 0:
        raise ValueError(f"no flow carries heat with a rise of {rise_k:g} K")
    return SECONDS_A_MINUTE * heat_kw / (density_kg_l * heat_capacity * rise_k)


def rise_k(heat_kw: float, density_kg_l: float, heat_capacity: float, flow: float) -> float:
    """By how much ``flow`` (L/min) warms when it takes ``heat_kw``, K; infinite without flow."""
    if heat_kw == 0:
        return 0.0
    if flow <= 0:
        return math.inf
    return SECONDS_A_MINUTE * heat_kw / (density_kg_l * heat_capacity * flow)


def heat_kw(flow: float, density_kg_l: float, heat_capacity: float, rise: float) -> float:
    """Heat that ``flow`` (L/min) carries with a rise of ``rise`` K, kW."""
    return flow * density_kg_l * heat_capacity * rise / SECONDS_A_MINUTE


def drop_kpa(known_kpa: float, known_lpm: float, flow: float) -> float:
    """Pressure a path takes at ``flow``, from one known point: it goes with the square."""
    return known_kpa * (flow / known_lpm) ** 2


def warming_s(
    volume_l: float, density_kg_l: float, heat_capacity: float, rise: float, heat: float
) -> float:
    """How long ``volume_l`` of coolant takes ``heat`` (kW) before it is ``rise`` K warmer, s.

    The mass of metal is left out, so this is a floor; a commissioning test tells the truth.
    """
    if heat <= 0:
        return math.inf
    return volume_l * density_kg_l * heat_capacity * max(rise, 0.0) / heat


def dew_point_c(air_c: float, humidity_percent: float) -> float:
    """Temperature at which air begins to sweat, °C (Magnus). Raises ValueError for dry air."""
    if humidity_percent <= 0:
        raise ValueError("air without any humidity has no dew point")
    gamma = math.log(humidity_percent / 100) + MAGNUS_B * air_c / (MAGNUS_C + air_c)
    return MAGNUS_C * gamma / (MAGNUS_B - gamma)


def capacity_at_approach(rated_kw: float, rated_k: float, there_k: float) -> float:
    """Heat an exchanger moves with an approach of ``there_k`` K, kW.

    At constant flows heat goes with the approach; above its rating nothing is promised.
    """
    return rated_kw * min(max(there_k, 0.0) / rated_k, 1.0)
