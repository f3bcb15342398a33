"""From 1 to 64 machines: rails share leaves, and trees without spines."""

from __future__ import annotations

from collections import Counter

import fabrics
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bloomery.check import errors, review
from bloomery.plan import Plan, make_plan
from bloomery.plan.fabric.growth import growth
from bloomery.plan.model import NetworkPlan
from bloomery.site.fabric.tree import Asked, TreeError, smallest, tree


def planned(machines: int, **changes: object) -> Plan:
    """The compute network for ``machines``, with racks for leaves only."""
    bare = {key: it for key, it in fabrics.network(1).items() if key not in ("spines", "cores")}
    network = {**bare, "nodes_per_su": machines, **changes}
    numbers = range(1, machines + 1)
    return make_plan(fabrics.site(fabrics.fabric(compute=network), map(fabrics.machine, numbers)))


def compute(plan: Plan) -> NetworkPlan:
    return plan.fabric.networks[0]


def bought(plan: Plan) -> tuple[int, int, int]:
    """Leaves, spines, cables between switches."""
    found = compute(plan)
    return found.leaves, found.spines, found.leaf_cables + found.spine_cables


def sound(plan: Plan) -> bool:
    return [note for note in errors(review(plan)) if note.id.startswith("F")] == []


def test_a_site_that_asks_for_nothing_stays_as_it_was() -> None:
    plan = planned(8, spines=fabrics.tier(64))
    assert bought(plan) == (8, 4, 256)
    assert compute(plan).rails_per_leaf == 1
    assert growth(plan)["compute"] == (
        "12 switches and 256 cables between switches for 8 machines; "
        "`tiers: auto` would take 1 switch."
    )


@pytest.mark.parametrize(
    ("machines", "expected"),
    [
        (1, (1, 0, 0)),
        (8, (1, 0, 0)),
        (16, (4, 2, 128)),
        (32, (8, 4, 256)),
    ],
)
def test_auto_buys_the_fewest_switches(machines: int, expected: tuple[int, int, int]) -> None:
    stand = {} if expected[1] == 0 else {"spines": fabrics.tier(64)}
    plan = planned(machines, tiers="auto", **stand)
    assert bought(plan) == expected
    assert sound(plan)


def test_a_pair_of_leaves_as_a_builder_joins_them() -> None:
    """Eight machines on two switches of 64 ports: four rails each, and half of the ports across."""
    plan = planned(8, tiers=1, rails_per_leaf=4)
    assert bought(plan) == (2, 0, 32)
    assert [it.name for it in plan.fabric.switches] == [
        "compute-leaf-s01-r1-4",
        "compute-leaf-s01-r5-8",
    ]
    pairs = [it for it in plan.fabric.cables if it.layer == "leaf-leaf"]
    assert {(it.a_index, it.b_index) for it in pairs} == {(port, port) for port in range(33, 65)}
    assert sound(plan)


def test_rails_of_a_machine_are_side_by_side() -> None:
    plan = planned(8, tiers=1, rails_per_leaf=4)
    second = [it for it in plan.fabric.cables if it.a_device == "train-0002"]
    assert [(it.a_port, it.b_device[-4:], it.b_index) for it in second] == [
        *((f"hca{rail}", "r1-4", 4 + rail) for rail in range(1, 5)),
        *((f"hca{rail}", "r5-8", rail) for rail in range(5, 9)),
    ]


def test_eight_machines_with_mi300x_are_one_switch() -> None:
    """64 ports of 400 Gb/s; a switch of 128 ports holds twice as many."""
    network = fabrics.ethernet(1, nodes_per_su=8, tiers="auto")
    for tier in ("spines", "cores"):
        del network[tier]
    site = fabrics.site(fabrics.fabric(compute=network), map(fabrics.machine, range(1, 9)))
    figures = {"power_kw": 10.0, "height_u": 8, "liquid_share": 0.0}
    pool = site.pools[0].model_copy(update={"model": "mi300x", **figures})
    plan = make_plan(site.model_copy(update={"pools": (pool,)}))
    assert {it.model for it in plan.metal.nodes} == {"mi300x"}
    assert bought(plan) == (1, 0, 0)
    assert compute(plan).node_cables == 64
    assert sound(plan)
    assert growth(plan)["compute"] == (
        "1 switch for 8 machines, up to 16 by nodes_per_su; machine 17 re-cables. "
        "Sized for 32 from the start: 6 switches and 256 cables between switches, +5 and +256."
    )


def test_a_single_leaf_takes_more_machines_without_moving_a_cable() -> None:
    four, eight = planned(4, tiers=1), planned(8, tiers=1)
    assert set(four.fabric.cables) < set(eight.fabric.cables)


def test_two_units_are_a_pair_and_the_second_moves_nothing() -> None:
    changes = {"nodes_per_su": 4, "su_max": 2, "tiers": 1, "rails_per_leaf": 8}
    one = planned(4, **changes)
    both = planned(4, **{**changes, "su": 2})
    assert bought(one) == (1, 0, 0)
    assert bought(both) == (2, 0, 32)
    assert set(one.fabric.cables) < set(both.fabric.cables)
    assert sound(one) and sound(both)


def test_managers_have_ports_beside_the_machines() -> None:
    """Without one, eight machines fill the switch."""
    with pytest.raises(TreeError, match="65 ports"):
        tree(Asked(64, 8, 8, 1, managers=1), tiers=1, rails_per_leaf=8)
    plan = planned(7, tiers=1, reserved_ports=2)
    managers = [it for it in plan.fabric.cables if it.dark]
    assert [(it.b_device, it.b_index) for it in managers] == [
        ("compute-leaf-s01-r1-8", 64),
        ("compute-leaf-s01-r1-8", 63),
    ]
    assert sound(plan)


def test_ethernet_pairs_have_addresses() -> None:
    plan = planned(
        8,
        kind="ethernet",
        switch="sn5600",
        addresses=fabrics.ETHERNET,
        tiers=1,
        rails_per_leaf=4,
    )
    pairs = [it for it in plan.fabric.cables if it.layer == "leaf-leaf"]
    assert pairs[0].a_address == "10.100.0.0/31" and pairs[0].b_address == "10.100.0.1/31"
    assert len({it.a_address for it in pairs}) == len(pairs) == 32
    assert sound(plan)


def test_a_larger_one_may_be_of_more_units() -> None:
    """64 machines of one port fill a switch; 128 are four leaves of 32 and two spines."""
    told = growth(planned(64, rails=1, tiers=1))["compute"]
    assert told == (
        "1 switch for 64 machines; machine 65 re-cables. "
        "Sized for 128 from the start: 6 switches and 128 cables between switches, +5 and +128."
    )


def test_growth_says_where_no_larger_one_can_be() -> None:
    """Oversubscribed trees have two tiers: 64 leaves of 42 ports at most."""
    told = growth(
        planned(
            21,
            su_max=64,
            rails=2,
            oversubscription=2,
            rails_per_leaf=2,
            tiers=2,
            spines=fabrics.tier(64),
        )
    )
    assert told["compute"].endswith("re-cables. Twice as many fit no fabric of this switch.")


@given(st.integers(1, 64), st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 1.5, 2]))
@settings(max_examples=60, deadline=None)
def test_no_way_to_build_it_takes_fewer_switches(machines: int, rails: int, ratio: float) -> None:
    asked = Asked(128, rails, machines, 1, ratio)
    found = smallest(asked)
    assert found.down >= machines * found.rails_per_leaf
    for shared in (it for it in range(1, rails + 1) if rails % it == 0):
        for tiers in (1, 2, 3):
            try:
                other = tree(asked, tiers=tiers, rails_per_leaf=shared)
            except TreeError:
                continue
            assert (found.switches, found.links) <= (other.switches, other.links)


@given(st.integers(2, 8), st.sampled_from([1, 2, 4, 8]))
@settings(max_examples=20, deadline=None)
def test_bundles_are_equal_and_every_rule_holds(machines: int, shared: int) -> None:
    stand = {"spines": fabrics.tier(64), "tiers": 2}
    plan = planned(machines, rails_per_leaf=shared, **stand) if machines * shared <= 32 else None
    if plan is None:
        return
    pairs = Counter(
        (it.a_device, it.b_device) for it in plan.fabric.cables if it.layer == "leaf-spine"
    )
    assert len(set(pairs.values())) == 1
    assert sound(plan)
