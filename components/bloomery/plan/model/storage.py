"""Storage tiers and what they must give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TierPlan:
    """One tier, what it must give, and what is there."""

    name: str
    tier: int
    """0 node NVMe, 1 parallel file system, 2 home, 3 object, 4 archive."""
    product: str
    media: str
    capacity_tb: float
    """Usable capacity, TB."""
    capacity_need_tb: float
    read_gbs: float
    """Read bandwidth it gives, GB/s."""
    read_need_gbs: float
    write_gbs: float
    write_need_gbs: float
    blocks: int
    """Building blocks to buy, where the site names one."""
    encrypted: bool
    key_custody: str
    """Who holds its keys: ``site``, ``national`` or ``vendor``; empty where none are needed."""
    location: str
    """Where its data lies, as ``COUNTRY-place``."""
    backup: str
    """Site its backup goes to; empty where there is none."""
    quota_unit: str
    block_read_gbs: float = 0.0
    """Read bandwidth of one building block, GB/s; 0 where the site names no block."""
    block_write_gbs: float = 0.0
    block_capacity_tb: float = 0.0
    own_need_tb: float = 0.0
    """Part of ``capacity_need_tb`` that no job and no project owns, TB."""
    own_read_gbs: float = 0.0
    """Part of ``read_need_gbs`` that no job does, GB/s."""
    own_write_gbs: float = 0.0


@dataclass(frozen=True)
class CheckpointPlan:
    """What one training job asks of the tiers."""

    name: str
    parameters: float
    gpus: int
    size_gb: float
    """One checkpoint, GB."""
    stall_s: float
    """Pause the site allows for writing one, s."""
    restart_s: float
    """Time the site allows for reading one back, s."""
    write_gbs: float
    read_gbs: float
    mtbf_s: float
    """Mean time between failures of the whole job, s."""
    interval_s: float
    """Time between checkpoints that loses least, s."""
    overhead: float
    """Share of time spent writing at that interval, 0 to 1."""
    tier: str = ""
    """Tier the checkpoints are written to."""
    keep: int = 0
    """Checkpoints kept."""
    data_read_gbs: float = 0.0
    """Training data it reads all the time, GB/s."""
    mtbf_accelerator_h: float = 0.0
    """Mean time between failures of one accelerator, hours."""


@dataclass(frozen=True)
class StoragePlan:
    """Tiers of the site, and the jobs they are sized for."""

    tiers: tuple[TierPlan, ...] = ()
    checkpoints: tuple[CheckpointPlan, ...] = ()
