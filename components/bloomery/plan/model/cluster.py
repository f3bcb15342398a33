"""What is served, and for whom: endpoint, projects, capacity, cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProjectPlan:
    """One tenant: what it was promised, and what that takes."""

    name: str
    index: int
    """Stable id its network numbers are strides of."""
    isolation: str
    """``shared``, ``mig``, ``dedicated-node``, ``dedicated-fabric`` or ``confidential``."""
    data_class: str
    """``public``, ``internal``, ``confidential`` or ``secret``."""
    pool: str
    gpus: int
    """GPUs it is guaranteed."""
    slices: int
    """MIG slices it is guaranteed."""
    nodes: int
    """Whole machines that takes; 0 where machines are shared."""
    storage_tb: float
    tier: str = ""
    """Storage tier that holds its data; empty where it is promised none."""
    jobs: int = 0
    """Jobs it may run at once; 0 where the site sets no number."""
    owner: str = ""
    """Who answers for it."""
    ends: str = ""
    """Last day it runs, ``YYYY-MM-DD``; empty where it has no end."""


@dataclass(frozen=True)
class CapacityPlan:
    """Guaranteed quotas against what is there, of one pool."""

    pool: str
    nodes: int
    nodes_needed: int
    """Whole machines all its projects need, slices packed on machines of their own."""
    gpus: int
    gpus_needed: int
    slices: int
    slices_needed: int
    model: str = ""
    """Key of the node model of the pool."""


@dataclass(frozen=True)
class CostPlan:
    """Cost from the site's own inputs; nothing has a default price."""

    currency: str
    gpu_hour: float
    """Cost of one GPU-hour in use."""
    year: float
    """Cost of one year, write-off included."""
    capital_year: float
    energy_year: float
    water_year: float
    staff_year: float
    energy_mwh: float
    """Energy of one year at the meter, MWh."""
    water_m3: float
    """Water of one year, cubic metres."""
    gpus: int
    utilisation: float
    """Share of GPU-hours that are used, 0 to 1."""
    demand_year: float = 0.0
    """Charge for the power that is held ready, one year."""
    it_kw: float = 0.0
    """Nameplate power of all racks, kW."""
    load_factor: float = 0.0
    """Share of ``it_kw`` drawn on the average of a year, 0 to 1."""
    pue: float = 0.0
    """Energy at the meter over energy of the racks; an estimate for a year."""
    wue_l_kwh: float = 0.0
    """Water per kWh of the racks, L/kWh: of IT energy, so never times the PUE."""
    gpu_hours: float = 0.0
    """GPU-hours of one year that are used."""


@dataclass(frozen=True)
class ClusterPlan:
    """What is served, and for whom; what runs is in ``Plan.runs``, over all nouns."""

    endpoint: str = ""
    """Base URL of the serving API; empty where the site serves nothing."""
    model_name: str = ""
    """Name under which the trained model is served."""
    projects: tuple[ProjectPlan, ...] = ()
    capacity: tuple[CapacityPlan, ...] = ()
    cost: CostPlan | None = None
