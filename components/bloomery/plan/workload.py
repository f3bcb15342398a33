"""From what a site is for to GPUs and machines of one model. Sums only.

The two laws they rest on: about 6 FLOP a parameter and token for training and 2 for
inference (Kaplan and others, Scaling Laws for Neural Language Models, 2020, section 2.1).
The share of the peak that is reached is the writer's own; nobody else can know it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bloomery.catalogue import node_model
from bloomery.plan.checkpoint import checkpoint_gb
from bloomery.plan.model import ModelPlan
from bloomery.site.draft.workload import Candidate, Serving, Training

TRAINING_FLOP = 6
"""FLOP a parameter and token, forward and backward."""

SERVING_FLOP = 2
"""FLOP a parameter and token, forward only."""

TERA = 1e12
"""FLOP in one TFLOP."""


@dataclass(frozen=True)
class Job:
    """GPUs one piece of the workload takes, and why."""

    name: str
    purpose: str
    """``training`` or ``serving``."""
    flop: float
    """FLOP of the whole training, or FLOP/s of the busiest second of serving."""
    rate: float
    """FLOP/s one GPU is taken to give: its peak times the share the job reaches."""
    gpus_compute: int
    """GPUs by computing."""
    gpus_memory: int
    """GPUs by what must fit into their memory."""
    nodes: int
    """Whole machines: no machine is shared between two jobs."""
    gpus: int
    """GPUs of those machines."""


def peak_of(candidate: Candidate) -> float:
    """Dense BF16 peak of one GPU, TFLOP/s: the writer's own, or the catalogue's."""
    if candidate.peak_tflops_bf16 is not None:
        return candidate.peak_tflops_bf16
    known = node_model(candidate.model).peak_tflops_bf16
    if known is None:
        raise ValueError(f"{candidate.model} has no BF16 peak; loading refuses it")
    return known.value


def training_job(job: Training, model: ModelPlan, peak_tflops: float) -> Job:
    """Machines that finish ``job`` by its deadline, and hold all that its checkpoint holds."""
    flop = TRAINING_FLOP * job.parameters * job.tokens
    rate = peak_tflops * TERA * job.mfu / 100
    by_compute = _up(flop / (rate * job.deadline_h * 3600))
    state = job.checkpoint_gb if job.checkpoint_gb is not None else checkpoint_gb(job.parameters)
    by_memory = _up(state / (model.gpu_memory_gb / model.gpus)) if model.gpu_memory_gb else 0
    return _job(job.name, "training", flop, rate, (by_compute, by_memory), model)


def serving_job(job: Serving, model: ModelPlan, peak_tflops: float) -> Job:
    """Machines for the busiest second of ``job``, and for at least one copy of its weights."""
    flop = SERVING_FLOP * job.parameters * (job.tokens_in + job.tokens_out) * job.requests_per_s
    rate = peak_tflops * TERA * job.mfu / 100
    by_compute = _up(flop / rate)
    weights = job.parameters * job.bytes_per_parameter / 1e9
    room = model.gpu_memory_gb / model.gpus * job.memory_percent / 100
    by_memory = _up(weights / room) if room else 0
    return _job(job.name, "serving", flop, rate, (by_compute, by_memory), model)


def _job(
    name: str, purpose: str, flop: float, rate: float, gpus: tuple[int, int], model: ModelPlan
) -> Job:
    nodes = math.ceil(max(gpus) / model.gpus)
    return Job(name, purpose, flop, rate, *gpus, nodes, nodes * model.gpus)


def _up(amount: float) -> int:
    # A billionth less: 8.000000001 GPUs are eight, the rest is rounding of the sum before.
    return max(1, math.ceil(amount * (1 - 1e-9)))
