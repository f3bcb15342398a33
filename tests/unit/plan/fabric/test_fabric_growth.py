"""What always holds of a fabric: growing it moves nothing, and no number is given twice."""

from __future__ import annotations

from collections import Counter

import fabrics
from hypothesis import given, settings
from hypothesis import strategies as st

from bloomery.check import errors, review
from bloomery.plan import make_plan
from bloomery.plan.fabric import plan_fabric
from bloomery.plan.model import FabricPlan
from bloomery.site import Site

OOB = {
    "switch": "sn2201",
    "groups": [
        {"name": "machines", "racks": ["r001..r200"], "racks_per_switch": 1, "unit": 48},
        {"name": "switches", "racks": ["r801..r999"], "racks_per_switch": 1, "unit": 48},
    ],
}


@st.composite
def shapes(draw: st.DrawFn) -> fabrics.Part:
    """A network of any kind and size that can be built."""
    ethernet = draw(st.booleans())
    planes = draw(st.sampled_from([1, 2]))
    rails = draw(st.sampled_from([1, 2, 4, 8]))
    ratio = draw(st.sampled_from([1, 2, 3]))
    most = 8 if ratio > 1 else 20
    target = draw(st.integers(1, most))
    # Two machines share a cage, and stand in one rack: four of them do.
    per_su = 2 * draw(st.integers(1, 16))
    make = fabrics.ethernet if ethernet else fabrics.network
    return make(
        draw(st.integers(1, target)),
        su_max=target,
        nodes_per_su=per_su,
        rails=rails,
        planes=planes,
        oversubscription=ratio,
        reserved_ports=draw(st.integers(0, min(4, rails * planes))),
        leaves=fabrics.tier(0, per_rack=16, racks=60),
        spines=fabrics.tier(60, per_rack=16, racks=90),
        # Cores come with a third tier; a tree of two may not name racks for them.
        cores=fabrics.tier(150, per_rack=16, racks=40),
    )


def free(shape: fabrics.Part) -> list[int]:
    """Numbers machines may have: managers keep one place of unit 1 where leaves are full."""
    sheet = fabrics.fabric(compute=shape)
    planned = plan_fabric(fabrics.site(sheet, [fabrics.machine(1)]))
    kept = {port for it in planned.switches for port in it.reserved}
    count = shape["su"] * shape["nodes_per_su"]
    first = range(1, shape["nodes_per_su"] + 1)
    return [it for it in range(1, count + 1) if not (it in first and it in kept)]


def built(shape: fabrics.Part, numbers: list[int], projects: list[int]) -> Site:
    sheet = fabrics.fabric(compute=shape, oob=OOB)
    return fabrics.site(
        sheet,
        [fabrics.machine(number) for number in numbers],
        [fabrics.project(number) for number in projects],
    )


@given(shapes(), st.data())
@settings(max_examples=30, deadline=None)
def test_growing_changes_nothing_that_was_there(shape: fabrics.Part, data: st.DataObject) -> None:
    """Units within the target, machines and projects are added in any order."""
    numbers = data.draw(
        st.lists(st.sampled_from(free(shape)), min_size=1, max_size=40, unique=True)
    )
    projects = data.draw(st.lists(st.integers(1, 30_000), max_size=6, unique=True))
    before = plan_fabric(built(shape, numbers, projects))
    grown = {**shape, "su": data.draw(st.integers(shape["su"], shape["su_max"]))}
    more = data.draw(st.lists(st.sampled_from(free(grown)), max_size=40))
    others = data.draw(st.lists(st.integers(1, 30_000), max_size=6))
    numbers = data.draw(st.permutations(sorted({*numbers, *more})))
    projects = data.draw(st.permutations(sorted({*projects, *others})))
    after = plan_fabric(built(grown, numbers, projects))
    assert kept(before.switches) <= kept(after.switches)
    assert set(before.cables) <= set(after.cables)
    assert set(before.tenants) <= set(after.tenants)


def kept(switches: object) -> set[object]:
    return set(switches)  # type: ignore[call-overload]


@given(shapes(), st.data())
@settings(max_examples=30, deadline=None)
def test_no_number_is_given_twice(shape: fabrics.Part, data: st.DataObject) -> None:
    numbers = data.draw(
        st.lists(st.sampled_from(free(shape)), min_size=1, max_size=60, unique=True)
    )
    projects = data.draw(st.lists(st.integers(1, 30_000), max_size=20, unique=True))
    plan = plan_fabric(built(shape, numbers, projects))
    ends = [(it.a_device, it.a_port) for it in plan.cables]
    ends += [(it.b_device, it.b_port) for it in plan.cables]
    assert once(ends)
    addresses = [it.a_address for it in plan.cables] + [it.b_address for it in plan.cables]
    addresses += [it.loopback for it in plan.switches] + [it.oob_address for it in plan.switches]
    assert once([address for address in addresses if address])
    assert once([it.asn for it in plan.switches if it.tier == "leaf" and it.asn])
    assert once([it.name for it in plan.switches])
    assert once([it.id for it in plan.cables])
    assert once([(it.rack, it.unit) for it in plan.switches])
    for numbers_of in ("vni", "pkey", "route_target"):
        assert once([getattr(it, numbers_of) for it in plan.tenants])


def once(values: list[object]) -> bool:
    return len(set(values)) == len(values)


@given(shapes())
@settings(max_examples=30, deadline=None)
def test_bundles_are_equal(shape: fabrics.Part) -> None:
    plan = plan_fabric(built(shape, [1], []))
    for layer in ("leaf-spine", "spine-core"):
        pairs = Counter((it.a_device, it.b_device) for it in plan.cables if it.layer == layer)
        assert len(set(pairs.values())) <= 1
        joined = Counter(lower for lower, _ in pairs)
        assert len(set(joined.values())) <= 1


@given(shapes(), st.data())
@settings(max_examples=20, deadline=None)
def test_same_site_same_bytes_and_no_fault(shape: fabrics.Part, data: st.DataObject) -> None:
    """In whatever order it is written; and no rule of the fabric has a word to say."""
    numbers = data.draw(
        st.lists(st.sampled_from(free(shape)), min_size=1, max_size=30, unique=True)
    )
    projects = data.draw(st.lists(st.integers(1, 30_000), max_size=6, unique=True))
    plan = make_plan(built(shape, numbers, projects))
    shuffled = data.draw(st.permutations(numbers)), data.draw(st.permutations(projects))
    assert make_plan(built(shape, *shuffled)).to_json() == plan.to_json()
    assert [note for note in errors(review(plan)) if note.id.startswith("F")] == []


def test_stable_numbers_are_pinned() -> None:
    """Live switches carry them: how they are derived can never change."""
    sheet = fabrics.fabric(compute=fabrics.ethernet(5, su_max=20), oob=OOB)
    plan = plan_fabric(fabrics.site(sheet, [fabrics.machine(129)], [fabrics.project(7)]))
    leaf = switch(plan, "compute-leaf-s05-r2")
    assert (leaf.index, leaf.asn, leaf.loopback) == (33, 4_200_001_033, "10.96.0.33/32")
    assert (leaf.rack, leaf.unit, leaf.oob_address) == ("r805", 3, "10.19.37.131")
    cable = next(it for it in plan.cables if it.b_device == leaf.name and it.layer == "node-leaf")
    assert (cable.a_device, cable.a_port, cable.b_port) == ("train-0129", "hca2", "p01/1")
    assert (cable.a_address, cable.b_address) == ("10.104.16.128/31", "10.104.16.129/31")
    uplink = next(it for it in plan.cables if it.a_device == leaf.name and it.layer != "oob")
    assert (uplink.a_port, uplink.a_address) == ("p33/1", "10.100.16.128/31")
    tenant = plan.tenants[0]
    assert (tenant.vni, tenant.route_target, tenant.pkey) == (5007, "65000:5007", "0x0008")


def switch(plan: FabricPlan, name: str) -> object:
    return next(it for it in plan.switches if it.name == name)
