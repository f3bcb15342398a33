"""Checkpoints, intervals and building blocks against the published and derived figures."""

from __future__ import annotations

import pytest

from bloomery.plan.checkpoint import (
    BYTES_PER_PARAMETER,
    best_interval_s,
    checkpoint_gb,
    job_mtbf_s,
    plan_checkpoint,
)
from bloomery.plan.storage import Figures, blocks_needed
from bloomery.site.storage.sheet import MTBF_ACCELERATOR_H, Block, StorageSheet, TrainingJob


def job(**values: object) -> TrainingJob:
    plain: dict[str, object] = {
        "name": "train-405b",
        "parameters": "405 B",
        "gpus": 512,
        "tier": "fast",
        "stall_s": "60 s",
        "restart_s": "5 min",
    }
    return TrainingJob.model_validate({**plain, **values})


@pytest.mark.parametrize(
    ("parameters", "published_gb"),
    [(8e9, 105), (70e9, 912), (405e9, 5290)],
    ids=["8B", "70B", "405B"],
)
def test_checkpoint_bytes_of_mlperf_storage(parameters: float, published_gb: float) -> None:
    assert checkpoint_gb(parameters) == pytest.approx(published_gb, rel=0.006)
    assert 13.0 <= published_gb * 1e9 / parameters <= 13.15


def test_the_1t_row_is_no_row_of_13_bytes() -> None:
    """18 TB for 1e12 parameters is 18 bytes each: such a job states its checkpoint."""
    assert checkpoint_gb(1e12) < 0.75 * 18_000
    assert BYTES_PER_PARAMETER < 13.1
    stated = plan_checkpoint(job(parameters="1 T", checkpoint_gb="18 TB"))
    assert stated.size_gb == 18_000
    assert stated.write_gbs == 300


def test_405b_in_a_minute_is_88_gb_a_second() -> None:
    plan = plan_checkpoint(job())
    assert round(plan.write_gbs) == 88
    assert round(plan.write_gbs * 1000 / plan.gpus) == 172
    assert plan.read_gbs == pytest.approx(plan.size_gb / 300, rel=1e-6)


def test_100_000_accelerators_fail_every_half_hour() -> None:
    assert job_mtbf_s(MTBF_ACCELERATOR_H, 100_000) == 1800


@pytest.mark.parametrize(
    ("gpus", "minutes", "percent"), [(1024, 77, 1.3), (16_384, 19, 5.2)], ids=["1024", "16384"]
)
def test_interval_and_overhead(gpus: int, minutes: int, percent: float) -> None:
    plan = plan_checkpoint(job(gpus=gpus))
    assert round(plan.interval_s / 60) == minutes
    assert round(plan.overhead * 100, 1) == percent


def test_the_interval_loses_least() -> None:
    """Writing costs d/T of the time, a failure half an interval: no other T is cheaper."""
    stall, mtbf = 60.0, job_mtbf_s(MTBF_ACCELERATOR_H, 1024)
    best = best_interval_s(stall, mtbf)

    def lost(interval: float) -> float:
        return stall / interval + interval / (2 * mtbf)

    assert all(lost(best) <= lost(best * factor) for factor in (0.5, 0.9, 1.1, 2.0))


BEEGFS = Block.model_validate(
    {
        "read_gbs": "62 GiB/s",
        "write_gbs": "21 GiB/s",
        "capacity_tb": "500 TB",
        "source": "BeeGFS on NetApp, building block as published by NetApp",
    }
)


def test_units_of_a_block() -> None:
    assert round(BEEGFS.read_gbs, 2) == 66.57
    assert round(BEEGFS.write_gbs, 2) == 22.55


@pytest.mark.parametrize(
    ("need", "blocks"),
    [
        (Figures(1, 1, 1), 1),
        (Figures(0, 0, 0), 1),
        (Figures(100, 200, 88.15), 4),
        (Figures(100, 813, 10), 13),
        (Figures(10_000, 10, 10), 20),
        (Figures(500, BEEGFS.read_gbs * 3, BEEGFS.write_gbs), 3),
    ],
    ids=["least", "nothing", "writes", "reads", "holds", "exactly"],
)
def test_blocks_are_the_largest_of_three(need: Figures, blocks: int) -> None:
    assert blocks_needed(need, BEEGFS) == blocks


@pytest.mark.parametrize(
    ("batch_reads", "gbs"),
    [(3.18, 813), (0.81, 207), (0.20, 52)],
    ids=["3D-UNet", "CosmoFlow", "ResNet-50"],
)
def test_training_reads_of_256_gpus(batch_reads: float, gbs: float) -> None:
    """MLPerf Storage, GB/s of one emulated H100: a job states its reading, the tier sums it."""
    assert 256 * batch_reads == pytest.approx(gbs, rel=0.02)
    plan = plan_checkpoint(job(gpus=256, data_read_gbs=256 * batch_reads))
    assert plan.data_read_gbs == 256 * batch_reads


def tier(**values: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "name": "fast",
        "tier": "1",
        "product": "Lustre",
        "media": "NVMe",
        "block": BEEGFS.model_dump(),
        "encrypted": "true",
        "key_custody": "site",
        "location": "UA-kyiv",
        "quota_unit": "project",
    }
    return {key: value for key, value in {**plain, **values}.items() if value is not None}


def test_a_sheet_reads() -> None:
    sheet = StorageSheet.model_validate({"tiers": [tier()], "jobs": []})
    assert sheet.tiers[0].tier == 1
