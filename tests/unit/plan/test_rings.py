"""Rings of a rollout: a pure function of who is in the pool."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bloomery.plan import NodePlan, make_plan
from bloomery.plan.rings import RING_NAMES, ring_of, rings
from bloomery.site import load

NODE = make_plan(load(Path(__file__).parents[3] / "inventories" / "lab")).metal.nodes[0]


def members(count: int, a_rack: int = 4) -> list[NodePlan]:
    return [
        dataclasses.replace(NODE, name=f"n{at:04d}", rack=f"r{at // a_rack:03d}")
        for at in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (0, (0, 0, 0, 0)),
        (1, (1, 0, 0, 0)),
        (3, (1, 2, 0, 0)),
        (8, (1, 3, 0, 4)),
        (64, (1, 3, 12, 48)),
        (2048, (1, 3, 508, 1536)),
    ],
)
def test_sizes(count: int, sizes: tuple[int, ...]) -> None:
    assert tuple(map(len, rings(members(count)))) == sizes
    assert len(sizes) == len(RING_NAMES)


@given(st.integers(1, 200), st.integers(1, 16), st.randoms())
def test_everybody_is_in_one_ring_in_whatever_order(
    count: int, a_rack: int, chance: random.Random
) -> None:
    pool = members(count, a_rack)
    found = rings(pool)
    names = [name for ring in found for name in ring]
    assert sorted(names) == sorted(node.name for node in pool)
    chance.shuffle(pool)
    assert rings(pool) == found
    assert ring_of(pool) == {name: at for at, ring in enumerate(found) for name in ring}


@given(st.integers(1, 60), st.integers(1, 60))
def test_a_pool_that_grows_keeps_its_canary(before: int, more: int) -> None:
    assert rings(members(before))[0] == rings(members(before + more))[0]
