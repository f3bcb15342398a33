"""What runs on the machines, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from bloomery.runs.registry import run_kinds
from bloomery.site.reading.fault_texts import refuse
from bloomery.site.types.part import Part
from bloomery.site.types.quantity import (
    LitresPerKilowattHour,
    Number,
    NumberOrZero,
    Percent,
    Price,
    Terabytes,
)
from bloomery.site.types.text_types import Currency, Day, Name, RunName, Text
from bloomery.site.types.whole_number import Count, CountOrZero, Port


class Cluster(Part):
    """What runs on the machines."""

    runs: tuple[RunName, ...] = Field(min_length=1, examples=["[base]"])
    port: Port = 8000
    """TCP port of the serving API."""
    model_name: Name = "tiny"
    """Name under which the trained model is served."""

    @field_validator("runs")
    @classmethod
    def _complete(cls, runs: tuple[RunName, ...]) -> tuple[RunName, ...]:
        if len(set(runs)) < len(runs):
            raise refuse("a run is listed twice", "list each run once")
        for run in runs:
            for needed in run_kinds()[run].needs:
                if needed not in runs:
                    raise refuse(f"run {run!r} needs run {needed!r}", f"add {needed!r}")
        return runs


Isolation = Literal["shared", "mig", "dedicated-node", "dedicated-fabric", "confidential"]
"""How far a project is from its neighbours, weakest first."""

ALONE = frozenset({"dedicated-node", "dedicated-fabric", "confidential"})
"""Isolation levels whose boundary is the machine."""

DataClass = Literal["public", "internal", "confidential", "secret"]
"""How much harm its data could do in other hands, least first."""

MAX_PROJECT_ID = 30_000
"""Highest id of a project. An InfiniBand partition key has 15 bits, a project takes one of its
own, and the site keeps some: 0x7fff is the default partition."""


class Project(Part):
    """One tenant, and what it is guaranteed."""

    name: Name = Field(examples=["vision"])
    id: Count = Field(le=MAX_PROJECT_ID, examples=[1])
    """Number its networks follow from. Given once, never to another project."""
    isolation: Isolation = Field(examples=["dedicated-node"])
    data_class: DataClass = Field(examples=["internal"])
    pool: Name = Field(examples=["train"])
    """Pool its machines are of."""
    gpus: CountOrZero = Field(default=0, validate_default=True)
    """GPUs it is guaranteed."""
    slices: CountOrZero = Field(default=0, validate_default=True)
    """MIG slices it is guaranteed; only where ``isolation`` is ``mig``."""
    storage_tb: Terabytes | None = None
    """Storage it is guaranteed, TB; with ``tier``."""
    tier: Name | None = Field(default=None, validate_default=True)
    """Storage tier that holds its data."""
    jobs: Count | None = None
    """Jobs it may run at once; left out: no number is set."""
    owner: Text = Field(examples=["Institute of Mathematics"])
    """Responsible person or body."""
    ends: Day | None = None
    """Last day it runs; left out: it has no end."""

    @field_validator("gpus")
    @classmethod
    def _gpus_of(cls, gpus: int, info: ValidationInfo) -> int:
        isolation = info.data.get("isolation")
        if isolation == "mig" and gpus:
            raise refuse(f"{gpus} GPUs with isolation 'mig'", "slices, not gpus")
        if isolation in ALONE and not gpus:
            raise refuse(f"no GPUs with isolation {isolation!r}", "what it is guaranteed")
        return gpus

    @field_validator("slices")
    @classmethod
    def _slices_of(cls, slices: int, info: ValidationInfo) -> int:
        isolation = info.data.get("isolation", "")
        if isolation == "mig" and not slices:
            raise refuse("no slices with isolation 'mig'", "what it is guaranteed")
        if isolation and isolation != "mig" and slices:
            raise refuse(f"{slices} slices with isolation {isolation!r}", "gpus, or isolation: mig")
        return slices

    @field_validator("tier")
    @classmethod
    def _tier_of(cls, tier: str | None, info: ValidationInfo) -> str | None:
        # Storage at fault is not in info.data: it was given.
        given = info.data.get("storage_tb", "") is not None
        if given and tier is None:
            raise refuse("storage_tb without a tier", "the tier that holds it")
        if tier is not None and not given:
            raise refuse("a tier without storage_tb", "what it is guaranteed there")
        return tier


class Cost(Part):
    """Prices, hours and ratios, all the site's own: nothing has a default."""

    currency: Currency = Field(examples=["EUR"])
    capital: Price | None = None
    """Price of all equipment and works; or by pool in ``capital_by_pool``."""
    capital_by_pool: Mapping[str, Price] | None = Field(default=None, validate_default=True)
    """Pool -> price of its machines with their share of fabric, storage and works."""
    write_off_years: Number = Field(le=100, examples=[5])
    pue: Number = Field(ge=1, le=10, examples=[1.2])
    """Energy at the meter over energy of the racks, a year's mean."""
    wue_l_kwh: LitresPerKilowattHour = Field(examples=[0.2])
    """Water per kWh of the racks."""
    energy_mwh: Price = Field(examples=[95])
    """Price of one MWh at the meter."""
    water_m3: Price = Field(examples=[2.5])
    """Price of one cubic metre of water."""
    demand_kw_year: Price = Field(examples=[40])
    """Price of one kW of contracted power for a year."""
    staff_hours: NumberOrZero = Field(examples=[8000])
    """Hours of work a year."""
    staff_hour: Price = Field(examples=[50])
    """Price of one hour of work."""
    utilisation: Percent = Field(gt=0, examples=["70 %"])
    """GPU-hours that are used, of all there are."""
    load_factor: Percent = Field(gt=0, examples=["75 %"])
    """Mean power of a year over the nameplate power of the racks."""

    @field_validator("capital_by_pool")
    @classmethod
    def _once(
        cls, by_pool: Mapping[str, float] | None, info: ValidationInfo
    ) -> Mapping[str, float] | None:
        given = info.data.get("capital", "") is not None
        if given == (by_pool is not None):
            said = "twice" if given else "nowhere"
            raise refuse(
                f"the price of the equipment is given {said}", "capital, or capital_by_pool"
            )
        return by_pool
