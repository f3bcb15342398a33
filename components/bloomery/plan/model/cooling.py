"""Loops, CDUs and the flow of each rack."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RackFlow:
    """What one rack takes from a loop."""

    rack: str
    heat_kw: float
    """Heat that goes to liquid at peak, kW."""
    flow_lpm: float
    """Coolant it needs so that the return stays under the loop's limit, L/min."""
    flow_limit_lpm: float
    """Most its specification allows, L/min; 0 where no source gives one."""
    return_c: float
    """Return temperature at that flow and peak heat, degrees Celsius."""
    valve: str
    """Who can close its valve: ``agent``, ``bms`` or ``none``."""
    rack_detector: str
    """Id of the leak sensor of the rack; empty where there is none."""
    tray_detectors: tuple[str, ...] = ()
    """Ids of the leak detectors of its trays."""


@dataclass(frozen=True)
class CduPlan:
    """One coolant distribution unit."""

    name: str
    model: str
    """Key of its ``ModelPlan``."""
    loop: str
    capacity_kw: float
    """Heat it moves at the site's approach and facility water, kW."""
    flow_limit_lpm: float
    """Flow it gives at the loop's pressure, L/min."""
    head_kpa: float
    """Pressure its pumps add at that flow, kPa."""
    pumps: int
    pumps_needed: int
    power_kw: float
    feeds: tuple[str, ...]
    """Names of the sources that feed pumps and controls."""
    rack: str = ""
    """Rack it stands in; empty for one that stands in a row by itself."""
    unit: int = 0


@dataclass(frozen=True)
class LoopPlan:
    """One technology coolant loop (TCS)."""

    name: str
    fluid: str
    """``water`` or ``pg25``."""
    density_kg_l: float
    """Density at the supply temperature, kg/L."""
    heat_capacity_kj_kgk: float
    """Specific heat at the supply temperature, kJ/(kg K)."""
    supply_c: float
    supply_min_c: float
    """Coldest supply the controls allow, degrees Celsius; for the dew point."""
    return_limit_c: float
    volume_l: float
    """Coolant in the loop, L."""
    heat_kw: float
    """Heat of its racks at peak, kW."""
    flow_lpm: float
    """Flow of its racks together, L/min."""
    approach_k: float
    """Temperature difference the heat exchangers need, K."""
    facility_supply_c: float
    """Warmest facility water (FWS), degrees Celsius."""
    static_head_kpa: float
    rated_kpa: float
    """Lowest pressure rating of any part, kPa."""
    detect_s: float
    decide_s: float
    power_off_s: float
    filter_um: float
    materials: tuple[str, ...]
    """Wetted materials, as the site lists them."""
    racks: tuple[RackFlow, ...] = ()
    cdus: tuple[str, ...] = ()


@dataclass(frozen=True)
class CoolingPlan:
    """Coolant of the whole site; empty where everything is cooled by air."""

    loops: tuple[LoopPlan, ...] = ()
    cdus: tuple[CduPlan, ...] = ()
