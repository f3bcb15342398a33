"""Single points of a fabric's plan, each where a person would look for it."""

from __future__ import annotations

from fractions import Fraction

import fabrics
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bloomery.plan.fabric import plan_fabric
from bloomery.plan.fabric.wiring import port_names
from bloomery.plan.model import Cable, FabricPlan
from bloomery.site.fabric.tree import Asked, TreeError, smallest_divisor, tree


def planned(numbers: int = 4, **parts: fabrics.Part) -> FabricPlan:
    machines = [fabrics.machine(number) for number in range(1, numbers + 1)]
    return plan_fabric(fabrics.site(fabrics.fabric(**parts), machines))


def first(plan: FabricPlan, layer: str) -> Cable:
    return next(cable for cable in plan.cables if cable.layer == layer)


def test_no_fabric_no_plan() -> None:
    assert plan_fabric(fabrics.site({}, [fabrics.machine(1)])) == FabricPlan()


@pytest.mark.parametrize(
    ("ports", "per_cage", "index", "name"),
    [(64, 2, 1, "p01/1"), (64, 2, 64, "p32/2"), (64, 1, 7, "p07"), (256, 4, 6, "p02/2")],
)
def test_ports_are_named_by_cage(ports: int, per_cage: int, index: int, name: str) -> None:
    assert port_names(ports, per_cage)[index] == name


def test_a_cable_says_where_both_ends_are() -> None:
    cable = first(planned(compute=fabrics.network(1)), "node-leaf")
    assert cable.a_label == "r001-U01 train-0001 hca1 > r801-U01 compute-leaf-s01-r1 p01/1"
    assert cable.b_label == "r801-U01 compute-leaf-s01-r1 p01/1 > r001-U01 train-0001 hca1"
    assert cable.id == "compute:train-0001:hca1~compute-leaf-s01-r1:p01/1"


def test_length_follows_row_and_place() -> None:
    """Row 1 place 1 to row 2 place 1 is one row of 2.4 m and 2 m of slack; made by the metre."""
    cable = first(planned(storage=fabrics.network(1)), "node-leaf")
    assert cable.length_m == 5.0
    assert cable.medium == "osfp-acc-split-400"


def test_in_a_rack_units_count() -> None:
    leaves = {"racks": ["r001"], "per_rack": 8, "unit": 41}
    cable = first(planned(1, storage=fabrics.network(1, leaves=leaves)), "node-leaf")
    # 40 units of 44.45 mm and half a metre of slack is 2.28 m; sold at 2.5 m.
    assert (cable.length_m, cable.medium) == (2.5, "osfp-dac-split-400")


def test_what_reaches_is_taken_before_what_reaches_farther() -> None:
    media = [{"name": "short", "kinds": ["infiniband"], "speeds_gbps": [400], "reach_m": 8}]
    cable = first(planned(storage=fabrics.network(1), media=media), "node-leaf")
    assert cable.medium == "osfp-acc-split-400"
    media[0]["reach_m"] = 5
    media[0]["name"] = "osfp-acc-split-400"
    plan = planned(storage=fabrics.network(1), media=media)
    assert plan.media[0].source == "fabric.media of site.yaml"


def test_no_distances_no_length() -> None:
    sheet = {"switches": fabrics.FIGURES, "compute": fabrics.network(1)}
    plan = plan_fabric(fabrics.site(sheet, [fabrics.machine(1)]))
    assert {(cable.length_m, cable.medium) for cable in plan.cables} == {(0.0, "")}


def test_leaves_and_uplinks_are_whole_even_without_machines() -> None:
    plan = planned(1, compute=fabrics.network(1))
    assert sum(cable.layer == "node-leaf" for cable in plan.cables) == 8
    assert sum(cable.layer == "leaf-spine" for cable in plan.cables) == 256


def test_managers_without_a_place_are_dark() -> None:
    plan = planned(1, compute=fabrics.network(1, reserved_ports=4))
    dark = [cable for cable in plan.cables if cable.dark]
    assert [cable.b_device[-2:] for cable in dark] == ["r1", "r2", "r3", "r4"]
    assert {cable.b_index for cable in dark} == {32}
    stand = {"racks": ["r801"], "per_rack": 4, "unit": 40}
    lit = planned(1, compute=fabrics.network(1, reserved_ports=4, managers=stand))
    assert not [cable for cable in lit.cables if cable.dark]


def test_planes_are_trees_of_their_own() -> None:
    plan = planned(4, compute=fabrics.network(2, planes=2))
    planes = {switch.name: switch.plane for switch in plan.switches}
    for cable in plan.cables:
        if cable.layer == "leaf-spine":
            assert planes[cable.a_device] == planes[cable.b_device]
    ports = sorted(cable.a_port for cable in plan.cables if cable.a_device == "train-0001")
    assert ports[:3] == ["hca1/1", "hca1/2", "hca2/1"]


def test_racks_that_are_full_leave_switches_without_one() -> None:
    plan = planned(1, compute=fabrics.network(1, leaves=fabrics.tier(0, per_rack=3, racks=2)))
    homeless = [it.name for it in plan.switches if it.tier == "leaf" and not it.rack]
    assert homeless == ["compute-leaf-s01-r7", "compute-leaf-s01-r8"]


@pytest.mark.parametrize(
    ("number", "least", "found"), [(32, 12, 16), (72, 16, 18), (32, 1, 1), (32, 32, 32)]
)
def test_smallest_divisor(number: int, least: int, found: int) -> None:
    assert smallest_divisor(number, at_least=least) == found


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"nodes_per_su": 33}, "nodes_per_su"),
        ({"rails": 33, "su_max": 2}, "rails"),
        ({"su_max": 257}, "su_max"),
        ({"su_max": 9, "oversubscription": 2}, "oversubscription"),
    ],
)
def test_trees_that_cannot_be_built(changes: dict[str, int], key: str) -> None:
    shape = {"radix": 64, "rails": 8, "nodes_per_su": 32, "su_max": 1, **changes}
    with pytest.raises(TreeError) as caught:
        tree(Asked(**shape))
    assert caught.value.key == key


def test_oversubscription_takes_ports_from_above() -> None:
    found = tree(Asked(radix=64, rails=8, nodes_per_su=48, su_max=1, oversubscription=3))
    assert (found.down, found.up) == (48, 16)


@pytest.mark.parametrize(
    ("machines", "ratio", "su_max", "ports", "spines"),
    [
        (38, 1.5, 1, (38, 26), 13),  # 25 uplinks would be 1.52
        (36, 1.5, 4, (36, 24), 12),  # 25 uplinks would need 25 spines
        (42, 2, 4, (42, 22), 11),  # 21 uplinks would need 21
        (48, 3, 4, (48, 16), 8),
        (40, 2, 1, (42, 21), 3),  # as many ports down as the ratio gives, where that is no dearer
    ],
)
def test_uplinks_are_enough_and_few_spines_share_them(
    machines: int, ratio: float, su_max: int, ports: tuple[int, int], spines: int
) -> None:
    found = tree(Asked(64, 8, machines, su_max, ratio))
    assert ((found.down, found.up), found.pod_spines) == (ports, spines)


@given(st.integers(4, 144), st.integers(1, 8), st.integers(1, 12), st.integers(1, 100), st.data())
@settings(max_examples=150, deadline=None)
def test_no_leaf_is_oversubscribed_beyond_what_is_asked(
    radix: int, rails: int, units: int, tenths: int, data: st.DataObject
) -> None:
    """Every way to split the ports that needs fewer spines breaks the ratio or the bundles."""
    ratio = 1 + tenths / 10
    machines = data.draw(st.integers(1, radix - 1))
    try:
        found = tree(Asked(radix, rails, machines, units, ratio))
    except TreeError:
        return
    leaves = rails * units
    assert machines <= found.down <= Fraction(str(ratio)) * found.up
    assert found.down + found.up <= radix
    assert found.pod_spines * found.bundle == found.up and leaves * found.bundle <= radix
    for spines in range(1, found.pod_spines):
        for bundle in range(1, radix // leaves + 1):
            up = spines * bundle
            assert machines > Fraction(str(ratio)) * up or machines + up > radix
