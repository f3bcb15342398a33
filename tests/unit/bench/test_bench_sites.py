"""The sites of the benches hold, stay in their addresses, and are gone afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench import plan_time
from bench.ground import Group, ground, sweep, write_site
from bloomery.check import review
from bloomery.plan import make_plan
from bloomery.site import load

DEAD = 2**22 + 1
"""No process can have this number: above the kernel's own limit."""


@pytest.mark.parametrize(
    ("count", "model"), [(1, "lab-ghost"), (500, "lab-ghost"), (8, "lab-node")]
)
def test_sites_of_all_sizes_hold(tmp_path: Path, count: int, model: str) -> None:
    plan = make_plan(load(write_site(tmp_path, "bench", [Group("node", count, model)])))
    assert [str(note) for note in review(plan) if note.severity == "error"] == []
    assert len(plan.metal.nodes) == count
    for node in plan.metal.nodes:
        assert node.bmc.address.startswith("127.100.")
        assert node.host.address.startswith("127.100." if model == "lab-ghost" else "10.100.")


def test_a_ground_is_gone_afterwards_also_after_an_error() -> None:
    roots = []
    with pytest.raises(KeyError), ground("bench", [Group("node", 1)]) as made:
        roots.append(made.root)
        assert made.state.secret.exists()
        raise KeyError
    assert not roots[0].exists()


def test_what_a_killed_bench_left_is_swept_and_a_living_one_is_not(tmp_path: Path) -> None:
    dead = tmp_path / f"bloomery-bench-{DEAD}-x"
    alive = tmp_path / f"bloomery-bench-{os.getpid()}-x"
    other = tmp_path / "bloomery-bench-notes"
    for folder in (dead / "state" / "bench" / "lab" / "machines", alive, other):
        folder.mkdir(parents=True)
    assert sweep(tmp_path) == [dead]
    assert sorted(tmp_path.iterdir()) == sorted([alive, other])


@pytest.mark.parametrize("count", [128, 1024])
def test_the_example_grows_to_a_site_that_holds(tmp_path: Path, count: int) -> None:
    site = plan_time.grown(tmp_path, count)
    assert len(make_plan(load(site)).metal.nodes) == count
    plan_time.full(site)
    plan_time.floor(site)
