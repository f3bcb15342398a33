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
    bms_name: str = ""
    """What the facility's own system calls it; equal to ``rack`` where both agree."""


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
    rated_kw: float = 0.0
    """Heat it moves at ``approach_k``, kW."""
    approach_k: float = 0.0
    """Coolant supply above what cools it, at ``rated_kw``, K."""
    exchanger: str = "liquid"
    """What it gives its heat to: ``liquid`` is facility water, ``air`` is the hall."""


@dataclass(frozen=True)
class LoopPlan:
    """One technology coolant loop (TCS)."""

    name: str
    fluid: str
    """``water`` or ``pg25``."""
    density_kg_l: float
    """Density at the mean of supply and planned return, kg/L."""
    heat_capacity_kj_kgk: float
    """Specific heat at the same temperature, kJ/(kg K)."""
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
    """Warmest facility water (FWS), or hall air where that cools the loop, degrees Celsius."""
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
    supply_limit_c: float = 45.0
    """Warmest supply the machines allow, degrees Celsius."""
    return_c: float = 0.0
    """Return at peak heat that the flow is planned for, degrees Celsius."""
    rated_fluids: tuple[str, ...] = ()
    """Fluids every wetted part is rated for."""
    rack_drop_kpa: float = 0.0
    """Pressure one rack takes at ``rack_drop_lpm``, kPa."""
    rack_drop_lpm: float = 0.0
    rack_volume_l: float = 0.0
    """Coolant inside the trays of one rack, L; 0 where nobody knows."""
    pipe_drop_kpa: float = 0.0
    """Pressure the pipework takes at ``pipe_drop_lpm``, kPa."""
    pipe_drop_lpm: float = 0.0
    coupling_static_kpa: float = 0.0
    """Static pressure quick disconnects may be mated under, kPa."""
    flow_loss: str = "agent"
    """Who acts first when the flow stops: ``hardware`` or ``agent``."""
    facility_water: str = ""
    """Name of the facility water; empty where hall air cools the loop."""
    facility_supply_min_c: float = 0.0
    """Coldest facility water, degrees Celsius."""
    facility_limit_c: float = 0.0
    """Warmest supply its class allows, degrees Celsius; 0 where it has no limit."""
    facility_insulated: bool = True


@dataclass(frozen=True)
class CoolingPlan:
    """Coolant of the whole site; empty where everything is cooled by air."""

    loops: tuple[LoopPlan, ...] = ()
    cdus: tuple[CduPlan, ...] = ()
