"""``workload.yaml``: what a site is for and what it may take, before there is a site.

Every figure here is the writer's own. What the catalogue has no source for - a server any
vendor builds, a peak nobody publishes - is asked for, never assumed.
"""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from bloomery.catalogue import FabricKind
from bloomery.site.cooling.sheet import Cdus, Loop
from bloomery.site.fabric.sheet import MOST_PORTS, Addresses, SwitchFigures, SwitchKey
from bloomery.site.facility.network import Depot, Networks
from bloomery.site.metal.sheet import Hall, Pool, Purpose
from bloomery.site.reading.fault_texts import refuse
from bloomery.site.storage.sheet import MTBF_ACCELERATOR_H, Block, KeyCustody, QuotaUnit
from bloomery.site.types.name_range import RackRange
from bloomery.site.types.part import Part
from bloomery.site.types.quantity import (
    Celsius,
    Days,
    GigabitsPerSecond,
    Gigabytes,
    GigabytesPerSecond,
    Hours,
    Kilowatts,
    Number,
    Parameters,
    Percent,
    Seconds,
    Terabytes,
    Teraflops,
    Tokens,
)
from bloomery.site.types.text_types import Country, Location, Name, ReleaseName, Text
from bloomery.site.types.whole_number import Count, CountOrZero, RackUnits


class Candidate(Pool):
    """A model of machine to try, with the figures its pool would need in ``site.yaml``."""

    name: Name = "train"
    """Not written: pools are called after what they do."""
    purpose: Purpose = "training"
    """Not written, for the same reason."""
    peak_tflops_bf16: Teraflops | None = None
    """Dense BF16 peak of one GPU, where the catalogue has no source for it."""


class Management(Pool):
    """Machines for the services of the site."""

    name: Name = "mgmt"
    purpose: Purpose = "management"
    count: Count = Field(le=999, examples=[3])


class Training(Part):
    """One model to train by a day. Jobs of this list run side by side from the first day."""

    name: Name = Field(examples=["national-70b"])
    parameters: Parameters = Field(examples=["70 B"])
    tokens: Tokens = Field(examples=["2 T"])
    deadline_h: Hours = Field(examples=["60 d"])
    """Time from start to end."""
    mfu: Percent = Field(gt=0, examples=["40 %"])
    """Share of the peak that the job reaches; measured by whoever writes this."""
    stall_s: Seconds = Field(examples=["60 s"])
    """Longest pause for writing one checkpoint."""
    restart_s: Seconds = Field(examples=["5 min"])
    """Longest time for reading one back."""
    checkpoint_gb: Gigabytes | None = None
    """Size of one checkpoint where it is known; left out: by the parameters."""
    data_read_gbs: GigabytesPerSecond | None = None
    """Training data it reads all the time."""
    mtbf_h: Hours = MTBF_ACCELERATOR_H
    """Mean time between failures of one accelerator."""


class Serving(Part):
    """One model to serve at its peak hour."""

    name: Name = Field(examples=["assistant"])
    parameters: Parameters = Field(examples=["70 B"])
    requests_per_s: Number = Field(le=1e9, examples=[50])
    """Requests in the busiest second."""
    tokens_in: Number = Field(le=1e9, examples=[1500])
    """Tokens of a request, on the average."""
    tokens_out: Number = Field(le=1e9, examples=[300])
    """Tokens of an answer, on the average."""
    mfu: Percent = Field(gt=0, examples=["15 %"])
    """Share of the peak that serving reaches; measured by whoever writes this."""
    bytes_per_parameter: Number = Field(le=8, examples=[2])
    """Bytes of one weight in memory: 2 for BF16, 1 for FP8."""
    memory_percent: Percent = Field(gt=0, examples=["50 %"])
    """Share of GPU memory that weights may take; the rest is for what users say."""


class Data(Part):
    """Data that arrives and stays."""

    per_day_tb: Terabytes = Field(examples=["20 TB"])
    keep_days: Days = Field(examples=[90])
    """Days it is kept on the tier that ``storage`` describes."""


class Limits(Part):
    """What the place gives."""

    power_kw: Kilowatts = Field(examples=["2 MW"])
    """Power for machines, switches and CDUs at their peak."""
    racks: Count = Field(le=9999, examples=[40])
    rack_kw: Kilowatts = Field(examples=["64 kW"])
    """Power the feeds of one rack give after derating."""
    rack_units: RackUnits = Field(examples=[48])
    water_c: Celsius | None = None
    """Warmest facility water in the worst hour of the year; left out: there is none."""
    water_min_c: Celsius | None = None
    """Coldest facility water; left out: the coldest of its class."""
    reserve_kw: Kilowatts | None = None
    """Power of what is not in these sums, such as storage."""
    reserve_racks: CountOrZero = 0
    """Racks of what is not in these sums."""

    @field_validator("reserve_kw", "reserve_racks")
    @classmethod
    def _leaves_something(cls, kept: float | None, info: ValidationInfo) -> float | None:
        whole = "power_kw" if info.field_name == "reserve_kw" else "racks"
        given = info.data.get(whole)
        if kept is not None and given is not None and kept >= given:
            raise refuse(f"{kept:g} of {given:g} reserved leave nothing", f"less than {whole}")
        return kept


class Wires(Part):
    """The compute network: one port a GPU, and the fewest switches that hold its units."""

    kind: FabricKind = Field(examples=["infiniband"])
    switch: SwitchKey = Field(examples=["qm9700"])
    speed_gbps: GigabitsPerSecond = Field(examples=["400 Gb/s"])
    nodes_per_su: Count = Field(le=MOST_PORTS, examples=[32])
    reserved_ports: CountOrZero = Field(default=0, le=256)
    addresses: Addresses | None = None
    figures: SwitchFigures = SwitchFigures()
    """Figures of the switch that the catalogue has no source for."""


class LoopShape(Loop):
    """A coolant loop as in ``site.yaml``, but for its name, racks and CDUs."""

    name: Name = "tcs"
    racks: tuple[RackRange, ...] = ("r1",)
    cdus: tuple[Cdus, ...] = ()


class Coolant(Part):
    """Liquid cooling, for candidates that need it."""

    loop: LoopShape
    cdu: Cdus
    """One CDU of each loop, as in ``site.yaml``; how many follows from the heat, and one more."""
    racks_per_loop: Count = Field(le=99, examples=[8])
    insulated: bool = False
    """Whether pipes of facility water are insulated against condensation."""


class FastTier(Part):
    """The tier that takes checkpoints and data, in blocks."""

    product: Text = Field(examples=["Lustre 2.16"])
    media: Text = Field(examples=["NVMe"])
    block: Block
    encrypted: bool = Field(examples=["true"])
    key_custody: KeyCustody | None = None
    quota_unit: QuotaUnit = "project"


class Workload(Part):
    """All of ``workload.yaml``."""

    name: Name = Field(alias="site", examples=["kyiv"])
    """Name of the site to propose."""
    country: Country = Field(examples=["UA"])
    location: Location = Field(examples=["UA-kyiv"])
    release: ReleaseName = Field(examples=["metal-2026.11"])
    networks: Networks
    depot: Depot
    candidates: tuple[Candidate, ...] = Field(min_length=1)
    management: Management | None = None
    training: tuple[Training, ...] = ()
    serving: tuple[Serving, ...] = ()
    data: Data | None = None
    limits: Limits
    hall: Hall | None = None
    """The room and its air; left out: nobody counts the air."""
    network: Wires
    cooling: Coolant | None = None
    storage: FastTier
