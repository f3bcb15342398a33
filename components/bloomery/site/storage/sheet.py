"""Storage tiers and the jobs they are for."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from bloomery.site.reading.fault_texts import refuse
from bloomery.site.types.part import Part
from bloomery.site.types.quantity import (
    Gigabytes,
    GigabytesPerSecond,
    Hours,
    Parameters,
    Seconds,
    Terabytes,
)
from bloomery.site.types.text_types import Location, Name, Text
from bloomery.site.types.whole_number import Count, CountOrZero

QuotaUnit = Literal["job", "project", "user", "bucket", "policy"]
"""What a quota is given to; the tiers differ in it."""

KeyCustody = Literal["site", "national", "vendor"]
"""Who holds the keys of data at rest."""

MTBF_ACCELERATOR_H = 50_000.0
"""Mean time between failures of one accelerator, hours: MLCommons, release of MLPerf Storage
v2.0, whose example has 100,000 accelerators fail every half an hour."""


FIGURES = ("capacity_tb", "read_gbs", "write_gbs")
"""What a tier gives, where it is not the sum of its blocks."""


class Block(Part):
    """The building block a tier is bought in; its figures are those of the offer."""

    read_gbs: GigabytesPerSecond = Field(examples=["62 GiB/s"])
    """Read bandwidth of one block, GB/s."""
    write_gbs: GigabytesPerSecond = Field(examples=["21 GiB/s"])
    """Write bandwidth of one block, GB/s."""
    capacity_tb: Terabytes = Field(examples=["500 TB"])
    """Usable capacity of one block, TB."""
    source: Text = Field(examples=["offer of 2026-05-12, page 3"])
    """Where the three figures come from."""


class Tier(Part):
    """One storage tier: what is there, and what it must do besides the jobs and projects."""

    name: Name = Field(examples=["lustre"])
    tier: CountOrZero = Field(le=4, examples=[1])
    """0 node NVMe, 1 parallel file system, 2 home, 3 object, 4 archive."""
    product: Text = Field(examples=["Lustre 2.16"])
    media: Text = Field(examples=["NVMe"])
    capacity_tb: Terabytes | None = None
    """Usable capacity, TB. Left out where ``block`` gives it."""
    read_gbs: GigabytesPerSecond | None = None
    """Read bandwidth, GB/s. Left out where ``block`` gives it."""
    write_gbs: GigabytesPerSecond | None = None
    """Write bandwidth, GB/s. Left out where ``block`` gives it."""
    block: Block | None = Field(default=None, validate_default=True)
    blocks: Count | None = None
    """Blocks that are there. Left out: as many as the needs take."""
    need_tb: Terabytes | None = None
    """Capacity for what no job or project of this file owns: datasets, models, logs."""
    need_read_gbs: GigabytesPerSecond | None = None
    """Reading that no job of this file does, GB/s."""
    need_write_gbs: GigabytesPerSecond | None = None
    """Writing that no job of this file does, such as data that arrives, GB/s."""
    encrypted: bool = Field(examples=["true"])
    """Whether data at rest is encrypted."""
    key_custody: KeyCustody | None = Field(default=None, validate_default=True)
    """Who holds the keys; needed where the tier is encrypted."""
    location: Location = Field(examples=["UA-kyiv"])
    """Where the data lies."""
    backup: Location | None = None
    """Place its backup goes to; left out: there is none."""
    quota_unit: QuotaUnit = Field(examples=["project"])

    @field_validator("block")
    @classmethod
    def _figures(cls, block: Block | None, info: ValidationInfo) -> Block | None:
        # A figure at fault is not in info.data: it was given, and is told by itself.
        absent = [key for key in FIGURES if info.data.get(key, "") is None]
        if block is None and absent:
            raise refuse(
                f"neither a block nor {', '.join(absent)}", "what the tier gives, or a block"
            )
        if block is not None and len(absent) < len(FIGURES):
            given = ", ".join(key for key in FIGURES if key not in absent)
            raise refuse(
                f"a block beside {given}", "the tier is the sum of its blocks: one or the other"
            )
        return block

    @field_validator("blocks")
    @classmethod
    def _of_a_size(cls, blocks: int | None, info: ValidationInfo) -> int | None:
        if blocks is not None and info.data.get("block", "") is None:
            raise refuse(f"{blocks} blocks of no size", "add 'block'")
        return blocks

    @field_validator("key_custody")
    @classmethod
    def _keys(cls, custody: KeyCustody | None, info: ValidationInfo) -> KeyCustody | None:
        encrypted = info.data.get("encrypted")
        if encrypted and custody is None:
            raise refuse("encrypted without key_custody", "site, national or vendor")
        if encrypted is False and custody is not None:
            raise refuse(
                f"{custody!r} is set, but the tier is not encrypted",
                "encrypted: true, or remove it",
            )
        return custody


class TrainingJob(Part):
    """One training job the tiers are sized for. Jobs of this list run side by side."""

    name: Name = Field(examples=["national-70b"])
    parameters: Parameters = Field(examples=["70 B"])
    gpus: Count = Field(examples=[512])
    tier: Name = Field(examples=["lustre"])
    """Tier its checkpoints are written to."""
    stall_s: Seconds = Field(examples=["60 s"])
    """Longest pause for writing one checkpoint."""
    restart_s: Seconds = Field(examples=["5 min"])
    """Longest time for reading one back after a failure."""
    keep: Count = 2
    """Checkpoints kept; two, so that one is whole while the other is written."""
    checkpoint_gb: Gigabytes | None = None
    """Size of one checkpoint where it is known; left out: by the parameters."""
    data_read_gbs: GigabytesPerSecond | None = None
    """Training data it reads all the time, GB/s."""
    mtbf_h: Hours = MTBF_ACCELERATOR_H
    """Mean time between failures of one accelerator, hours."""


class StorageSheet(Part):
    """Storage of the site."""

    tiers: tuple[Tier, ...] = Field(min_length=1)
    jobs: tuple[TrainingJob, ...] = ()
