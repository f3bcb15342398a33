"""The sites of the planner benches hold, and a rival that cannot be had is never a pass."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import rival_plans, rivals, same_fabric
from bench.device_models import models
from bench.grown_units import grown
from bench.process import spent
from bench.row import BenchError
from bench.units import MACHINES, cut
from bloomery.check import errors, review
from bloomery.plan import make_plan
from bloomery.site import load


@pytest.mark.parametrize("units", [1, 2, 8, 9, 16])
def test_the_example_is_cut_to_sites_that_hold(tmp_path: Path, units: int) -> None:
    plan = make_plan(load(cut(tmp_path, units)))
    assert errors(review(plan)) == ()
    assert len(plan.metal.nodes) == units * MACHINES
    compute = plan.fabric.networks[0]
    assert (compute.su, compute.tiers) == (units, 2 if units <= 8 else 3)
    assert compute.node_cables == units * MACHINES * 8


@pytest.mark.parametrize(("units", "storage_tiers"), [(128, 2), (136, 3)])
def test_a_site_of_more_units_than_the_example_holds(
    tmp_path: Path, units: int, storage_tiers: int
) -> None:
    plan = make_plan(load(grown(tmp_path, units)))
    assert errors(review(plan)) == ()
    assert len(plan.metal.nodes) == units * MACHINES
    compute, storage, _ = plan.fabric.networks
    assert (compute.su, compute.tiers, storage.tiers) == (units // 2, 3, storage_tiers)
    assert compute.node_cables == units * MACHINES * 8


def test_our_side_has_every_end_and_neighbour_of_the_fabric(tmp_path: Path) -> None:
    plan = make_plan(load(same_fabric.write_ours(tmp_path / "ours")))
    assert errors(review(plan)) == ()
    made = models(plan)
    assert rival_plans._our_count(made) == rival_plans.WANTED == (48, 1024, 1024)
    leaf = made["compute-leaf-s01-r1"]
    assert len(leaf["neighbours"]) == same_fabric.SPINES


def test_a_side_with_another_fabric_is_no_measurement(tmp_path: Path) -> None:
    written = tmp_path / "made.json"
    written.write_text('{"leaf01": {"interfaces": {"p01": ""}, "neighbours": []}}')
    side = rival_plans.Side([], [], written, rival_plans._our_count)
    with pytest.raises(BenchError, match="1, 0, 0"):
        rival_plans._agree(side)


def test_rivals_that_cannot_be_installed_are_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> Path:
        raise BenchError("netlab and pyavd cannot be installed: no route")

    monkeypatch.setattr(rivals, "environment", refused)
    rows = list(rival_plans.rows(lambda _: None, quick=True))
    assert [row.verdict for row in rows] == ["not measured", "not measured"]
    assert "no route" in rows[0].note


def test_a_process_is_measured_and_its_failure_told() -> None:
    found = spent([sys.executable, "-c", "x = bytes(64 * 2**20)"])
    assert found.peak_b > 64 * 2**20
    assert found.wall_s > 0
    with pytest.raises(BenchError, match=r"ended with 3: .*why"):
        spent([sys.executable, "-c", "import sys; sys.stderr.write('why'); sys.exit(3)"])
