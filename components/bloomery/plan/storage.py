"""Tiers, and the checkpoints they are sized for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bloomery.plan.checkpoint import plan_checkpoint
from bloomery.plan.model import CheckpointPlan, StoragePlan, TierPlan
from bloomery.site import Site
from bloomery.site.cluster.sheet import Project
from bloomery.site.storage.sheet import Block, Tier

TERABYTE_GB = 1000.0
"""GB in one TB."""


@dataclass(frozen=True)
class Figures:
    """Three figures of a tier: what it must give, or what it gives."""

    capacity_tb: float
    read_gbs: float
    write_gbs: float


def plan_storage(site: Site) -> StoragePlan:
    """Storage tiers of ``site``; empty where it names none."""
    if site.storage is None:
        return StoragePlan()
    checkpoints = tuple(plan_checkpoint(job) for job in site.storage.jobs)
    return StoragePlan(
        tiers=tuple(_tier(tier, checkpoints, site.projects) for tier in site.storage.tiers),
        checkpoints=checkpoints,
    )


def blocks_needed(need: Figures, block: Block) -> int:
    """Building blocks for reading, for writing and for capacity: the largest of the three.

    Reading and writing of one block differ by a factor of three, so each is asked by itself.
    """
    return max(
        1,
        _pieces(need.read_gbs, block.read_gbs),
        _pieces(need.write_gbs, block.write_gbs),
        _pieces(need.capacity_tb, block.capacity_tb),
    )


def _pieces(need: float, piece: float) -> int:
    # A billionth: 62 / 62 must be one piece however the sum before it was rounded.
    return math.ceil(need / piece - 1e-9)


def _tier(
    tier: Tier, checkpoints: Sequence[CheckpointPlan], projects: Sequence[Project]
) -> TierPlan:
    need = _need(tier, [job for job in checkpoints if job.tier == tier.name], projects)
    blocks = _blocks(tier, need)
    gives = _gives(tier, blocks)
    return TierPlan(
        name=tier.name,
        tier=tier.tier,
        product=tier.product,
        media=tier.media,
        capacity_tb=round(gives.capacity_tb, 3),
        capacity_need_tb=round(need.capacity_tb, 3),
        read_gbs=round(gives.read_gbs, 6),
        read_need_gbs=round(need.read_gbs, 6),
        write_gbs=round(gives.write_gbs, 6),
        write_need_gbs=round(need.write_gbs, 6),
        blocks=blocks,
        encrypted=tier.encrypted,
        key_custody=tier.key_custody or "",
        location=tier.location,
        backup=tier.backup or "",
        quota_unit=tier.quota_unit,
        block_read_gbs=tier.block.read_gbs if tier.block else 0.0,
        block_write_gbs=tier.block.write_gbs if tier.block else 0.0,
        block_capacity_tb=tier.block.capacity_tb if tier.block else 0.0,
        own_need_tb=tier.need_tb or 0.0,
        own_read_gbs=tier.need_read_gbs or 0.0,
        own_write_gbs=tier.need_write_gbs or 0.0,
    )


def _need(tier: Tier, jobs: Iterable[CheckpointPlan], projects: Sequence[Project]) -> Figures:
    """What the tier must give while all its jobs run: pauses may fall together.

    A job reads its data or its last checkpoint, never both at once.
    """
    jobs = tuple(jobs)
    kept = math.fsum(job.size_gb * job.keep for job in jobs) / TERABYTE_GB
    promised = math.fsum(it.storage_tb or 0.0 for it in projects if it.tier == tier.name)
    return Figures(
        capacity_tb=kept + promised + (tier.need_tb or 0.0),
        read_gbs=math.fsum(max(job.read_gbs, job.data_read_gbs) for job in jobs)
        + (tier.need_read_gbs or 0.0),
        write_gbs=math.fsum(job.write_gbs for job in jobs) + (tier.need_write_gbs or 0.0),
    )


def _blocks(tier: Tier, need: Figures) -> int:
    if tier.block is None:
        return 0
    return tier.blocks if tier.blocks is not None else blocks_needed(need, tier.block)


def _gives(tier: Tier, blocks: int) -> Figures:
    if tier.block is not None:
        block = tier.block
        return Figures(
            capacity_tb=blocks * block.capacity_tb,
            read_gbs=blocks * block.read_gbs,
            write_gbs=blocks * block.write_gbs,
        )
    return Figures(
        capacity_tb=tier.capacity_tb or 0.0,
        read_gbs=tier.read_gbs or 0.0,
        write_gbs=tier.write_gbs or 0.0,
    )
