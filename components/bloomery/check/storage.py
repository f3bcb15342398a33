"""Rules S1 to S8: tiers give what jobs and projects need of them.

Every need is summed again here, from the jobs and projects of the plan.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from bloomery.check.fabric_rails import rails_of
from bloomery.check.note import Severity
from bloomery.check.preconditions import BLOCKS, JOBS, STORAGE_NETWORK, TIERS
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import CheckpointPlan, NetworkPlan, Plan, TierPlan

NOISE = 1e-6
"""Share of a figure that rounding may cost; no tier is bought to the sixth digit."""

MANY_PAUSES = 0.1
"""Share of time spent writing checkpoints above which a warning is due: a tenth of the machines
is bought to wait. Ours, not a published limit."""

SECONDS_PER_HOUR = 3600


def _jobs(plan: Plan, tier: TierPlan) -> list[CheckpointPlan]:
    return [job for job in plan.storage.checkpoints if job.tier == tier.name]


def _short(gives: float, needs: float) -> bool:
    return gives < needs * (1 - NOISE)


def _write(plan: Plan) -> Iterator[Finding]:
    for tier in plan.storage.tiers:
        jobs = _jobs(plan, tier)
        needs = math.fsum(job.size_gb / job.stall_s for job in jobs) + tier.own_write_gbs
        if _short(tier.write_gbs, needs):
            yield Finding(
                subject=f"tier {tier.name}",
                value=f"writes {tier.write_gbs:.1f} GB/s",
                limit=f"{needs:.1f} GB/s for {_names(jobs)}",
                margin=f"{tier.write_gbs - needs:.1f} GB/s",
                remedy="add blocks, allow longer stall_s, or give a job another tier",
            )


def _read(plan: Plan) -> Iterator[Finding]:
    for tier in plan.storage.tiers:
        jobs = _jobs(plan, tier)
        each = (max(job.size_gb / job.restart_s, job.data_read_gbs) for job in jobs)
        needs = math.fsum(each) + tier.own_read_gbs
        if _short(tier.read_gbs, needs):
            yield Finding(
                subject=f"tier {tier.name}",
                value=f"reads {tier.read_gbs:.1f} GB/s",
                limit=f"{needs:.1f} GB/s for {_names(jobs)}",
                margin=f"{tier.read_gbs - needs:.1f} GB/s",
                remedy="add blocks, allow longer restart_s, or cache data on tier 0",
            )


def _names(jobs: list[CheckpointPlan]) -> str:
    return ", ".join(job.name for job in jobs) or "the needs of the tier itself"


def _capacity(plan: Plan) -> Iterator[Finding]:
    promised: dict[str, list[float]] = {}
    for project in plan.cluster.projects:
        promised.setdefault(project.tier, []).append(project.storage_tb)
    for tier in plan.storage.tiers:
        kept = math.fsum(job.size_gb * job.keep for job in _jobs(plan, tier)) / 1000
        quotas = math.fsum(promised.get(tier.name, ()))
        needs = kept + quotas + tier.own_need_tb
        if _short(tier.capacity_tb, needs):
            yield Finding(
                subject=f"tier {tier.name}",
                value=f"{tier.capacity_tb:.1f} TB",
                limit=f"{needs:.1f} TB: {quotas:.1f} guaranteed to projects, {kept:.1f} of"
                f" checkpoints, {tier.own_need_tb:.1f} of its own",
                margin=f"{tier.capacity_tb - needs:.1f} TB",
                remedy="add blocks or capacity, or lower storage_tb of a project or need_tb",
            )


def _blocks(plan: Plan) -> Iterator[Finding]:
    for tier in plan.storage.tiers:
        if not tier.block_capacity_tb:
            continue
        sums = {
            "TB": (tier.capacity_tb, tier.blocks * tier.block_capacity_tb),
            "GB/s read": (tier.read_gbs, tier.blocks * tier.block_read_gbs),
            "GB/s write": (tier.write_gbs, tier.blocks * tier.block_write_gbs),
        }
        for unit, (said, counted) in sums.items():
            # Plans round to a thousandth.
            if abs(said - counted) > max(1e-3, counted * NOISE):
                yield Finding(
                    subject=f"tier {tier.name}",
                    value=f"{said:.1f} {unit}",
                    limit=f"{counted:.1f} {unit} of {tier.blocks} blocks",
                    margin=f"{counted - said:.1f} {unit}",
                    remedy="run the plan again: the tier is not the sum of its blocks",
                )


def _progress(plan: Plan) -> Iterator[Finding]:
    for job in plan.storage.checkpoints:
        between = job.mtbf_accelerator_h * SECONDS_PER_HOUR / job.gpus
        lost = job.stall_s + job.restart_s
        best = math.sqrt(2 * job.stall_s * between)
        share = job.stall_s / best
        if between <= lost:
            yield Finding(
                subject=f"job {job.name}",
                value=f"fails every {between:.0f} s",
                limit=f"more than the {lost:.0f} s of one checkpoint and one restart",
                margin=f"{between - lost:.0f} s",
                remedy="shorter stall_s and restart_s, fewer GPUs, or spare machines",
            )
        elif share > MANY_PAUSES:
            yield Finding(
                subject=f"job {job.name}",
                value=f"writes {share:.1%} of the time",
                limit=f"{MANY_PAUSES:.0%}",
                margin=f"{MANY_PAUSES - share:.1%}",
                remedy="shorter stall_s: more write bandwidth, or a preliminary copy on tier 0",
                severity=Severity.WARNING,
            )
        # Whoever runs the job sets its checkpoints by these two figures.
        if abs(job.interval_s - best) > 1e-3 * best or abs(job.overhead - share) > 1e-3 * share:
            yield Finding(
                subject=f"job {job.name}",
                value=f"every {job.interval_s:.0f} s, {job.overhead:.2%} of the time",
                limit=f"every {best:.0f} s, {share:.2%} of the time",
                remedy="run the plan again: the interval does not match pause and failure rate",
            )


def _durable(plan: Plan) -> Iterator[Finding]:
    tiers = {tier.name: tier for tier in plan.storage.tiers}
    for job in plan.storage.checkpoints:
        tier = tiers.get(job.tier)
        if tier is None or tier.tier == 0:
            yield Finding(
                subject=f"job {job.name}",
                value=f"checkpoints on {job.tier}"
                + (" (tier 0)" if tier else ", which is not a tier"),
                limit="a tier outside the machine: 1 to 4",
                remedy="choose tier 1 to 4; a copy on tier 0 is allowed only in addition",
            )


def _gpus(plan: Plan) -> Iterator[Finding]:
    each = {model.key: model.gpus for model in plan.metal.models}
    there = sum(each.get(node.model, 0) for node in plan.metal.nodes if node.purpose == "training")
    asked = sum(job.gpus for job in plan.storage.checkpoints)
    if asked > there:
        yield Finding(
            subject="storage.jobs",
            value=f"{asked} GPUs",
            limit=f"{there} GPUs in training pools",
            margin=f"{there - asked} GPUs",
            remedy="fewer GPUs per job (jobs of this list run concurrently), or more machines",
        )


def _links(plan: Plan) -> Iterator[Finding]:
    """Each machine must be able to send its share of a checkpoint, and to read it back."""
    speed = _storage_gbs(plan)
    gpus = _gpus_per_node(plan)
    for job in plan.storage.checkpoints if speed and gpus else ():
        nodes = math.ceil(job.gpus / gpus)
        need = max(job.size_gb / job.stall_s, job.size_gb / job.restart_s, job.data_read_gbs)
        if _short(speed, need / nodes):
            yield Finding(
                subject=f"job {job.name}",
                value=f"{need / nodes:.1f} GB/s per machine",
                limit=f"{speed:.1f} GB/s of its storage ports",
                margin=f"{speed - need / nodes:.1f} GB/s",
                remedy="longer stall_s or restart_s, or a faster storage network",
            )


def _storage_gbs(plan: Plan) -> float:
    """What the storage ports of one training machine carry, of the one that has fewest, GB/s; 0
    where the site has no such network."""
    pools = {node.pool for node in plan.metal.nodes if node.purpose == "training"}
    bits = (
        net.speed_gbps * net.planes * _fewest_rails(net, pools)
        for net in plan.fabric.networks
        if net.name == "storage"
    )
    return math.fsum(bits) / 8


def _fewest_rails(network: NetworkPlan, pools: Collection[str]) -> int:
    return min(
        (rails_of(network, it) for it in network.pools if it in pools), default=network.rails
    )


def _gpus_per_node(plan: Plan) -> int:
    """GPUs of the training machine that has most; 0 where none has any."""
    each: Mapping[str, int] = {model.key: model.gpus for model in plan.metal.models}
    training = Counter(node.model for node in plan.metal.nodes if node.purpose == "training")
    return max((each.get(model, 0) for model in training), default=0)


MLPERF = "MLPerf Storage v2.0, submission guidelines, table 2: checkpoint sizes"

RULES = (
    Rule(
        "S1",
        "The write bandwidth of a tier covers its jobs",
        MLPERF,
        _write,
        (TIERS,),
    ),
    Rule(
        "S2",
        "The read bandwidth of a tier covers its jobs",
        MLPERF,
        _read,
        (TIERS,),
    ),
    Rule(
        "S3",
        "The capacity of a tier covers checkpoints, guaranteed quotas and its own data",
        "projects[].storage_tb, storage.jobs[].keep and storage.tiers[].need_tb of site.yaml",
        _capacity,
        (TIERS,),
    ),
    Rule(
        "S4",
        "The figures of a tier are the sum of its blocks",
        "storage.tiers[].block of site.yaml",
        _blocks,
        (TIERS, BLOCKS),
    ),
    Rule(
        "S5",
        "A job's mean time between failures exceeds the time one failure costs",
        "J. W. Young 1974: interval sqrt(2 x pause x MTBF); MLCommons: 50,000 h per accelerator",
        _progress,
        (JOBS,),
    ),
    Rule(
        "S6",
        "Checkpoints are stored outside the machine that writes them",
        "tier 0 is node NVMe without redundancy",
        _durable,
        (JOBS,),
    ),
    Rule(
        "S7",
        "Training jobs fit the GPUs of the training pools",
        "catalogue and delivery list",
        _gpus,
        (JOBS,),
    ),
    Rule(
        "S8",
        "The storage ports of a machine carry its share of a checkpoint",
        "speed of the storage network of the plan",
        _links,
        (JOBS, STORAGE_NETWORK),
    ),
)
