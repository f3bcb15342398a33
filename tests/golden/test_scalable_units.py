"""The examples of one and of 64 scalable units: planned whole, and no rule has a word to say but
that nothing proves their BMCs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bloomery.check import review
from bloomery.plan import make_plan
from bloomery.site import load

INVENTORIES = Path(__file__).parents[2] / "inventories"


@pytest.mark.parametrize(
    ("site", "machines", "switches", "cables"),
    [("example-su1", 32, 24, 256 + 256), ("example-su64", 2048, 1280, 49_152)],
)
def test_example(site: str, machines: int, switches: int, cables: int) -> None:
    plan = make_plan(load(INVENTORIES / site))
    compute = [it for it in plan.fabric.switches if it.network == "compute"]
    assert (len(plan.metal.nodes), len(compute)) == (machines, switches)
    assert sum(it.network == "compute" for it in plan.fabric.cables) == cables
    assert all(it.length_m and it.medium for it in plan.fabric.cables)
    assert [(note.id, note.subject) for note in review(plan)] == [("M9", "pool b200")]
