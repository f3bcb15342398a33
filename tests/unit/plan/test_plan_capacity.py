"""What projects take, and what a year costs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bloomery.catalogue import node_model
from bloomery.plan.capacity import MachineShares, machine_shares, nodes_of
from bloomery.plan.cost import year_cost
from bloomery.site.cluster.sheet import Cost

EIGHT = MachineShares(gpus=8, slices=56)


def test_a_b200_machine_is_56_slices() -> None:
    """Seven a GPU, as NVIDIA's MIG guide lists; a lab node has neither GPU nor slice."""
    assert machine_shares(node_model("dgx-b200")) == EIGHT
    assert machine_shares(node_model("lab-node")) == MachineShares(0, 0)


def test_200_slices_need_four_machines() -> None:
    """3 machines give 168, 4 give 224: the least that can serve 200 sliced projects."""
    assert 3 * EIGHT.slices == 168
    assert 4 * EIGHT.slices == 224
    assert math.ceil(200 / EIGHT.slices) == 4


@pytest.mark.parametrize(
    ("isolation", "gpus", "nodes"),
    [
        ("shared", 8, 0),
        ("mig", 0, 0),
        ("dedicated-node", 1, 1),
        ("dedicated-node", 8, 1),
        ("dedicated-node", 9, 2),
        ("dedicated-fabric", 16, 2),
        ("confidential", 3, 1),
    ],
)
def test_whole_machines(isolation: str, gpus: int, nodes: int) -> None:
    assert nodes_of(isolation, gpus, EIGHT) == nodes


def test_machines_without_gpus_hold_nobody() -> None:
    """None are needed because none would help; rule K3 refuses the project."""
    assert nodes_of("dedicated-node", 8, MachineShares(0, 0)) == 0


COST = Cost.model_validate(
    {
        "currency": "EUR",
        "capital": "10000000",
        "write_off_years": "5",
        "pue": "1.2",
        "wue_l_kwh": "0.2",
        "energy_mwh": "100",
        "water_m3": "2",
        "demand_kw_year": "50",
        "staff_hours": "4000",
        "staff_hour": "60",
        "utilisation": "70 %",
        "load_factor": "80 %",
    }
)


def test_a_year_by_hand() -> None:
    """500 kW, 320 GPUs: 3,504 MWh of IT, 4,204.8 at the meter, 700.8 m3 of water."""
    cost = year_cost(COST, 500, 320)
    assert cost.energy_mwh == 4204.8
    assert cost.water_m3 == 700.8
    assert cost.energy_year == 420_480
    assert cost.water_year == 1401.6
    assert cost.demand_year == 30_000
    assert cost.staff_year == 240_000
    assert cost.capital_year == 2_000_000
    assert cost.year == 2_691_881.6
    assert cost.gpu_hours == 1_962_240
    assert cost.gpu_hour == pytest.approx(2_691_881.6 / 1_962_240, abs=1e-4)


def test_water_does_not_grow_with_pue() -> None:
    """WUE is litres per kWh of IT: a worse PUE takes more energy and no more water."""
    worse = year_cost(COST.model_copy(update={"pue": 1.8}), 500, 320)
    assert worse.water_m3 == year_cost(COST, 500, 320).water_m3
    assert worse.energy_mwh == pytest.approx(1.5 * 4204.8)


def test_capital_by_pool_is_summed() -> None:
    pools = {"train": 4e6, "serve": 1e6}
    cost = year_cost(COST.model_copy(update={"capital": None, "capital_by_pool": pools}), 500, 320)
    assert cost.capital_year == 1_000_000


@given(share=st.floats(1, 100), gpus=st.integers(1, 20_000))
def test_idle_hours_are_paid_by_used_ones(share: float, gpus: int) -> None:
    """Half the use, twice the price: the lever the cost report is about."""
    full = year_cost(COST.model_copy(update={"utilisation": 100.0}), 500, gpus)
    part = year_cost(COST.model_copy(update={"utilisation": share}), 500, gpus)
    assert part.year == full.year
    assert part.gpu_hours == pytest.approx(full.gpu_hours * share / 100, abs=1e-3)
    exact = full.year / (full.gpu_hours * share / 100)  # a year's hours are rounded to seconds
    assert part.gpu_hour == pytest.approx(exact, rel=1e-6, abs=1e-4)


def test_no_gpu_has_no_price() -> None:
    assert year_cost(COST, 500, 0).gpu_hour == 0
