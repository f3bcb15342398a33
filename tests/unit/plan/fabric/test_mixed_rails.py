"""Machines of several numbers of ports on one network: a machine takes its own ports alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import fabrics
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bloomery.check import errors, review
from bloomery.plan import Plan, make_plan
from bloomery.plan.fabric import plan_fabric
from bloomery.plan.fabric.growth import growth
from bloomery.plan.model import FabricPlan
from bloomery.site import Site

SERVE_RACK = 41
"""First rack of the machines that serve: above it no machine of these tests trains."""


def site(network: fabrics.Part, train: Iterable[int], serve: Iterable[int]) -> Site:
    machines = [fabrics.machine(number) for number in train]
    machines += [fabrics.machine(number, "serve", SERVE_RACK) for number in serve]
    sheet = fabrics.fabric(compute=network)
    return fabrics.site(sheet, machines, pools=(fabrics.TRAIN, fabrics.SERVE))


def two_tiers(su: int, **changes: object) -> fabrics.Part:
    """8 rails; machines that serve have 4."""
    bare = {key: it for key, it in fabrics.network(su).items() if key != "cores"}
    return {**bare, "pool_rails": {"serve": 4}, **changes}


def planned(network: fabrics.Part, train: Iterable[int], serve: Iterable[int]) -> Plan:
    return make_plan(site(network, train, serve))


def leaves(plan: Plan) -> Counter[int]:
    """Unit -> its leaves."""
    return Counter(it.su for it in plan.fabric.switches if it.tier == "leaf")


def ports(plan: Plan, machine: str) -> list[tuple[str, str, int]]:
    cables = plan.fabric.cables
    return [(it.a_port, it.b_device, it.b_index) for it in cables if it.a_device == machine]


def sound(plan: Plan) -> bool:
    return [note for note in errors(review(plan)) if note.id.startswith("F")] == []


def test_in_one_unit_each_machine_takes_its_own_rails() -> None:
    shared = {"pools": {"train": 1, "serve": 1}, "pool_places": {"serve": 17}}
    plan = planned(two_tiers(1, **shared), range(1, 17), range(1, 17))
    assert leaves(plan) == {1: 8}
    down = Counter(it.b_device for it in plan.fabric.cables if it.layer == "node-leaf")
    assert down == {f"compute-leaf-s01-r{rail}": 32 if rail < 5 else 16 for rail in range(1, 9)}
    assert ports(plan, "serve-0001") == [
        (f"hca{rail}", f"compute-leaf-s01-r{rail}", 17) for rail in range(1, 5)
    ]
    assert plan.fabric.networks[0].node_cables == 16 * 8 + 16 * 4
    assert sound(plan)


def test_a_unit_of_narrow_machines_has_leaves_of_their_rails_alone() -> None:
    network = two_tiers(2, pools={"train": 1, "serve": 2})
    plan = planned(network, range(1, 33), range(1, 33))
    assert leaves(plan) == {1: 8, 2: 4}
    assert (plan.fabric.networks[0].leaves, plan.fabric.networks[0].spine_cables) == (12, 12 * 32)
    assert sound(plan)
    wide = planned({**network, "pool_rails": {}}, range(1, 33), range(1, 33))
    assert leaves(wide) == {1: 8, 2: 8}
    kept = set(plan.fabric.switches)
    assert kept <= set(wide.fabric.switches), "what is built is where it always is"


def test_a_machine_of_all_rails_brings_the_leaves_it_needs() -> None:
    network = two_tiers(2, pools={"train": 1, "serve": 2}, pool_places={"serve": 2})
    plan = planned(network, range(1, 34), range(1, 32))
    assert leaves(plan) == {1: 8, 2: 8}
    assert len(ports(plan, "train-0033")) == 8
    assert sound(plan)


def test_a_unit_nobody_is_meant_for_is_whole() -> None:
    plan = planned(two_tiers(3, pools={"serve": 2}), [], [1])
    assert leaves(plan) == {1: 8, 2: 4, 3: 4}
    assert sound(plan)


def test_managers_keep_the_leaves_they_are_on() -> None:
    plan = planned(two_tiers(1, pools={"serve": 1}, reserved_ports=6), [], [1])
    assert leaves(plan) == {1: 6}
    assert sound(plan)


@pytest.mark.parametrize(("shared", "built"), [(1, 4), (2, 2), (4, 1), (8, 1)])
def test_rails_share_leaves(shared: int, built: int) -> None:
    network = two_tiers(2, nodes_per_su=4, rails_per_leaf=shared, tiers=2, pools={"serve": 2})
    plan = planned(network, [], [1, 3])
    assert leaves(plan)[2] == built
    at = [(rail, index) for rail, _, index in ports(plan, "serve-0003")]
    assert at == [(f"hca{rail + 1}", 2 * shared + rail % shared + 1) for rail in range(4)]
    assert sound(plan)


def test_storage_of_two_ports_and_of_one() -> None:
    """Machines that train have two, others one: two joined leaves, and the second has fewer."""
    network = {
        **{key: it for key, it in fabrics.ethernet(1).items() if key not in ("spines", "cores")},
        **{"rails": 2, "tiers": 1, "rails_per_leaf": 1, "nodes_per_su": 12},
        **{"pools": {"train": 1, "serve": 1}, "pool_places": {"serve": 9}},
        "pool_rails": {"serve": 1},
    }
    plan = planned(network, range(1, 9), range(1, 5))
    down = Counter(it.b_index for it in plan.fabric.cables if it.layer == "node-leaf")
    assert down == {**dict.fromkeys(range(1, 9), 2), **dict.fromkeys(range(9, 13), 1)}
    assert sound(plan)
    assert leaves(planned(network, [], range(1, 5))) == {1: 2}, "the unit is meant for both"


def test_a_small_fabric_says_for_which_machines_it_is_sized() -> None:
    network = two_tiers(1, nodes_per_su=8, tiers="auto", pools={"train": 1, "serve": 1})
    network = {key: it for key, it in network.items() if key != "spines"}
    plan = planned(network | {"pool_places": {"serve": 5}}, [1], [1])
    told = growth(plan)["compute"]
    assert told.startswith("1 switch for 8 machines of 8 rails; machine 9 re-cables."), told


def test_a_leaf_that_comes_later_finds_the_plug_it_shares() -> None:
    """Leaves of rails 3 and 4 share a cage of each spine, and 4 will stand far away."""
    far = {"racks": ["r801", "r999", "r802..r860"], "per_rack": 3, "unit": 1}
    network = two_tiers(1, su_max=8, leaves=far, pools={"serve": 1})
    network |= {"pool_rails": {"serve": 3}}
    before = planned(network, [], range(1, 9))
    assert leaves(before) == {1: 3}
    wide = network | {"pools": {"serve": 1, "train": 1}, "pool_places": {"train": 9}}
    after = planned(wide, [1], range(1, 9))
    assert leaves(after) == {1: 8}
    assert set(before.fabric.cables) <= set(after.fabric.cables)
    uplinks = [it for it in before.fabric.cables if it.layer == "leaf-spine"]
    media = {it.a_device[-2:]: it.medium for it in uplinks}
    assert media["r1"] == media["r2"] != media["r3"], "what it shares reaches as far"


@st.composite
def shapes(draw: st.DrawFn) -> fabrics.Part:
    """A network with two pools, of any kind and size that can be built."""
    make = fabrics.ethernet if draw(st.booleans()) else fabrics.network
    rails = draw(st.sampled_from([2, 4, 8]))
    target = draw(st.integers(1, 10))
    su = draw(st.integers(1, target))
    per_su = 2 * draw(st.integers(1, 8))
    return make(
        su,
        su_max=target,
        nodes_per_su=per_su,
        rails=rails,
        planes=draw(st.sampled_from([1, 2])),
        pools={"train": draw(st.integers(1, su)), "serve": draw(st.integers(1, su))},
        pool_places={"serve": draw(st.integers(1, per_su))},
        pool_rails={"serve": draw(st.integers(1, rails)), "train": draw(st.integers(1, rails))},
        leaves=fabrics.tier(0, per_rack=16, racks=60),
        spines=fabrics.tier(60, per_rack=16, racks=90),
        cores=fabrics.tier(150, per_rack=16, racks=40),
    )


def place(shape: fabrics.Part, pool: str, number: int) -> int:
    """Place of a machine counted through all units, from 0."""
    first = (shape["pools"][pool] - 1) * shape["nodes_per_su"]
    return first + shape["pool_places"].get(pool, 1) + number - 2


def numbers(shape: fabrics.Part, draw: st.DataObject) -> dict[str, set[int]]:
    """Machines of both pools, no two at one place."""
    end = shape["su"] * shape["nodes_per_su"]
    at = draw.draw(st.sets(st.integers(0, end - 1), max_size=30))
    found: dict[str, set[int]] = {"train": set(), "serve": set()}
    for one in sorted(at):
        pool = draw.draw(st.sampled_from(["train", "serve"]))
        number = one - place(shape, pool, 1) + 1
        if number >= 1:
            found[pool].add(number)
    return found


def fabric(shape: fabrics.Part, there: dict[str, set[int]]) -> FabricPlan:
    return plan_fabric(site(shape, sorted(there["train"]), sorted(there["serve"])))


@given(shapes(), st.data())
@settings(max_examples=40, deadline=None)
def test_growing_mixed_pools_changes_nothing_that_was_there(
    shape: fabrics.Part, data: st.DataObject
) -> None:
    """Machines of either pool come, and units within the target."""
    all_ = numbers({**shape, "su": shape["su_max"]}, data)
    last = shape["su"] * shape["nodes_per_su"]
    few = {
        pool: {it for it in found if place(shape, pool, it) < last and data.draw(st.booleans())}
        for pool, found in all_.items()
    }
    before = fabric(shape, few)
    after = fabric({**shape, "su": shape["su_max"]}, all_)
    assert set(before.switches) <= set(after.switches)
    assert set(before.cables) <= set(after.cables)


@given(shapes(), st.data())
@settings(max_examples=25, deadline=None)
def test_no_rule_has_a_word_to_say_of_mixed_pools(shape: fabrics.Part, data: st.DataObject) -> None:
    there = numbers(shape, data)
    if not there["train"] | there["serve"]:
        return
    plan = planned(shape, sorted(there["train"]), sorted(there["serve"]))
    assert [str(note) for note in errors(review(plan)) if note.id.startswith("F")] == []
    for pool, found in there.items():
        wanted = shape["pool_rails"][pool] * shape["planes"]
        assert {len(ports(plan, f"{pool}-{number:04}")) for number in found} <= {wanted}
