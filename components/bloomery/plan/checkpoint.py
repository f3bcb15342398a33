"""How large a checkpoint is, how fast it must move, and how often one is worth its pause."""

from __future__ import annotations

import math

from bloomery.plan.model import CheckpointPlan
from bloomery.site.storage.sheet import TrainingJob

BYTES_PER_PARAMETER = 13.06
"""Bytes of one checkpoint per parameter: MLPerf Storage v2.0, submission guidelines, table 2:
5.29 TB for 405 B parameters; its rows of 8 B (105 GB) and 70 B (912 GB) lie within 0.6 % of it.
Its row "1T" (18 TB) does not: 18 bytes a parameter. Such a job must state ``checkpoint_gb``."""

BYTES_PER_GIGABYTE = 1e9
"""Storage is counted in powers of ten, as the benchmark counts it."""

SECONDS_PER_HOUR = 3600.0


def checkpoint_gb(parameters: float) -> float:
    """Size of one checkpoint of a model, GB, weights and optimiser state together."""
    return parameters * BYTES_PER_PARAMETER / BYTES_PER_GIGABYTE


def job_mtbf_s(accelerator_h: float, gpus: int) -> float:
    """Mean time between failures of a job that any one failing accelerator stops, s."""
    return accelerator_h * SECONDS_PER_HOUR / gpus


def best_interval_s(stall_s: float, mtbf_s: float) -> float:
    """Time between checkpoints that loses least, s: J. W. Young's first-order optimum (1974)."""
    return math.sqrt(2 * stall_s * mtbf_s)


def plan_checkpoint(job: TrainingJob) -> CheckpointPlan:
    """What ``job`` asks of the tier it writes to."""
    size = job.checkpoint_gb if job.checkpoint_gb is not None else checkpoint_gb(job.parameters)
    mtbf = job_mtbf_s(job.mtbf_h, job.gpus)
    interval = best_interval_s(job.stall_s, mtbf)
    return CheckpointPlan(
        name=job.name,
        parameters=job.parameters,
        gpus=job.gpus,
        size_gb=round(size, 3),
        stall_s=job.stall_s,
        restart_s=job.restart_s,
        write_gbs=round(size / job.stall_s, 6),
        read_gbs=round(size / job.restart_s, 6),
        mtbf_s=round(mtbf, 3),
        interval_s=round(interval, 3),
        overhead=round(job.stall_s / interval, 6),
        tier=job.tier,
        keep=job.keep,
        data_read_gbs=job.data_read_gbs or 0.0,
        mtbf_accelerator_h=job.mtbf_h,
    )
