"""From a workload to proposals: sums by hand, limits that refuse, and sites that hold."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.plan.device_figures import node_figures
from bloomery.plan.draft import draft
from bloomery.plan.proposal import Proposal
from bloomery.plan.propose import propose
from bloomery.plan.workload import serving_job, training_job
from bloomery.site.draft.workload import Candidate, Workload
from bloomery.site.draft.workload_load import load_workload

BASE = Path(__file__).parents[3] / "docs" / "examples" / "workload.yaml"
B200 = node_figures(Candidate.model_validate({"model": "dgx-b200"}))


@pytest.fixture(scope="module")
def workload() -> Workload:
    return load_workload(BASE)


def of(workload: Workload, model: str) -> Proposal:
    return next(it for it in propose(workload) if it.model.key == model)


def limited(workload: Workload, **values: object) -> Workload:
    return workload.model_copy(update={"limits": workload.limits.model_copy(update=dict(values))})


def test_training_by_hand(workload: Workload) -> None:
    """6 x 70e9 x 5e12 = 2.1e24 FLOP in 60 days at 0.4 x 2.25 PFLOP/s: 450.1 GPUs."""
    job = training_job(workload.training[0], B200, 2250)
    assert job.flop == pytest.approx(2.1e24)
    assert job.flop / (2250e12 * 0.4 * 60 * 86_400) == pytest.approx(450.1, abs=0.1)
    assert (job.gpus_compute, job.nodes, job.gpus) == (451, 57, 456)
    assert job.gpus_memory == math.ceil(70 * 13.06 / 180) == 6


def test_a_model_that_only_fits_by_memory(workload: Workload) -> None:
    """A year for few tokens needs no speed, but all that a checkpoint holds must fit."""
    slow = workload.training[0].model_copy(update={"tokens": 1e9, "deadline_h": 8760.0})
    job = training_job(slow, B200, 2250)
    assert job.gpus_compute == 1
    assert job.gpus_memory == 6
    assert job.gpus == 8


def test_serving_by_hand(workload: Workload) -> None:
    """2 x 70e9 x 1800 tokens x 60/s = 1.512e16 FLOP/s at 0.15 x 2.25 PFLOP/s: 44.8 GPUs."""
    job = serving_job(workload.serving[0], B200, 2250)
    assert job.flop == pytest.approx(1.512e16)
    assert job.gpus_compute == 45
    assert job.gpus_memory == math.ceil(140 / 90) == 2


def test_proposals_that_fit_are_ordered_by_power(workload: Workload) -> None:
    """Those that fit first. H100 machines give less: they would heat the hall too much."""
    *fitting, last = propose(workload)
    assert [it.power_kw for it in fitting] == sorted(it.power_kw for it in fitting)
    assert all(not it.refused for it in fitting)
    assert last.model.key == "dgx-h100"
    assert last.limiting.startswith("heat to air")


def test_cables_of_the_managers_are_counted(workload: Workload) -> None:
    """Four ports of leaves are theirs; the plan of a proposal has a cable in each."""
    bare = workload.network.model_copy(update={"reserved_ports": 0})
    with_managers = of(workload, "dgx-b200").switches
    without = of(workload.model_copy(update={"network": bare}), "dgx-b200").switches
    assert workload.network.reserved_ports == 4
    assert with_managers is not None and without is not None
    assert with_managers.cables == without.cables + 4


def small(workload: Workload, nodes_per_su: int) -> Workload:
    """A seventh of the training, on units of their own size."""
    job = workload.training[0].model_copy(update={"tokens": 6e11})
    wires = workload.network.model_copy(update={"nodes_per_su": nodes_per_su, "reserved_ports": 0})
    return workload.model_copy(update={"training": (job,), "network": wires})


def test_a_small_cluster_gets_no_more_switches_than_it_needs(workload: Workload) -> None:
    """Seven machines of eight ports are 56 of a switch's 64; a leaf a rail would take twelve."""
    asked = small(workload, 8)
    made = of(asked, "dgx-b200")
    assert made.switches is not None and made.training == 7
    assert (made.switches.leaves, made.switches.spines, made.switches.cables) == (1, 0, 56)
    compute = draft(asked, made).values["fabric"]["compute"]
    assert (compute["tiers"], compute["rails_per_leaf"]) == (1, 8)
    assert "spines" not in compute
    large = of(small(workload, 32), "dgx-b200").switches
    assert large is not None and (large.leaves, large.spines) == (8, 4)


def test_racks_and_power_by_hand(workload: Workload) -> None:
    """48 U hold four machines of 10 U; 62 that train take 16 racks, 6 that serve take 2."""
    made = of(workload, "dgx-b200")
    assert (made.training, made.serving, made.racks.gpu_machines) == (62, 6, 4)
    assert (made.racks.training, made.racks.serving, made.racks.management) == (16, 2, 1)
    assert made.switches is not None
    assert (made.switches.leaves, made.switches.spines, made.switches.cores) == (16, 8, 0)
    assert made.power_kw == pytest.approx(68 * 14.3 + 3 * 0.8 + 24 * 1.72)
    assert made.air_kw == made.power_kw


def test_liquid_by_hand(workload: Workload) -> None:
    """Eight racks of 155 kW give 90 % to liquid: 1116 kW, one CDU of 1.3 MW and a spare."""
    made = of(workload, "gb300-nvl72")
    assert made.training % 18 == made.serving % 18 == 0
    assert made.loops.heat_kw == pytest.approx(8 * 155 * 0.9, rel=1e-4)
    assert (made.loops.count, made.loops.cdus) == (1, 2)
    assert made.air_kw == pytest.approx(made.power_kw - made.loops.heat_kw, abs=0.01)


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ({"power_kw": 900.0}, "power, 100 kW reserved"),
        ({"racks": 20}, "racks, 4 reserved"),
        ({"rack_kw": 10.0}, "one rack"),
        ({"rack_units": 9}, "one rack"),
    ],
)
def test_a_limit_that_refuses_is_named(
    workload: Workload, limit: dict[str, object], told: str
) -> None:
    assert of(limited(workload, **limit), "dgx-b200").limiting.startswith(told)


def test_warm_water_refuses_liquid_only(workload: Workload) -> None:
    """35 °C of the building leave no approach to a supply of 35 °C; air does not mind."""
    warm = limited(workload, water_c=35.0)
    assert of(warm, "gb300-nvl72").limiting.startswith("water temperature")
    assert of(warm, "dgx-b200").refused == ()


def test_less_approach_takes_more_cdus(workload: Workload) -> None:
    """At 32 °C three kelvins are left of five: a CDU moves three fifths of its rating."""
    assert of(limited(workload, water_c=32.0), "gb300-nvl72").loops.cdus == 3


def test_hot_air_is_the_limit(workload: Workload) -> None:
    hall = workload.hall
    assert hall is not None
    small = workload.model_copy(update={"hall": hall.model_copy(update={"air_kw": 500.0})})
    assert of(small, "dgx-b200").limiting.startswith("heat to air")
    assert of(small, "gb300-nvl72").refused == ()


def test_more_work_never_takes_less(workload: Workload) -> None:
    job = workload.training[0]
    double = job.model_copy(update={"tokens": 2 * job.tokens})
    more = workload.model_copy(update={"training": (double, *workload.training[1:])})
    for one, two in zip(
        sorted(propose(workload), key=lambda it: it.model.key),
        sorted(propose(more), key=lambda it: it.model.key),
        strict=True,
    ):
        assert two.training >= one.training
        assert two.power_kw >= one.power_kw


def test_serving_alone_needs_no_compute_network(workload: Workload) -> None:
    alone = workload.model_copy(update={"training": ()})
    made = of(alone, "dgx-b200")
    assert made.switches is None
    assert "fabric" not in draft(alone, made).values


def test_the_managers_of_the_network_have_their_place(workload: Workload) -> None:
    """Four ports are reserved: number 32, the last place of unit 1, is nobody's."""
    made = of(workload, "dgx-b200")
    names = [place.name for place in draft(workload, made).places if place.pool == "train"]
    assert len(names) == 62
    assert "train-32" not in names
    assert names[-1] == "train-63"


def test_a_proposal_is_the_same_every_time(workload: Workload) -> None:
    assert propose(workload) == propose(load_workload(BASE))
    made = of(workload, "dgx-b200")
    assert draft(workload, made) == draft(workload, replace(made))
