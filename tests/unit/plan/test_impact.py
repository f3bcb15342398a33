"""What a change does to the metal, from two plans."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from handmade import plan as handmade

from bloomery.plan import Plan, make_plan
from bloomery.plan.durations import GATE_HOURS, STEPS
from bloomery.plan.impact import Impact, Move, impact, unknown_impact
from bloomery.plan.impact_words import WIDTH, impact_lines
from bloomery.plan.model import NodePlan, OsDiskPlan
from bloomery.plan.resource_inputs import impact_props
from bloomery.provider.phases.node.limits import INSTALLS
from bloomery.site import load

EXAMPLE = Path(__file__).parents[3] / "inventories" / "example-64"


@pytest.fixture(scope="module")
def before() -> Plan:
    return make_plan(load(EXAMPLE))


def nodes_changed(plan: Plan, changes: Mapping[str, Mapping[str, object]]) -> Plan:
    nodes = tuple(replace(node, **changes.get(node.name, {})) for node in plan.metal.nodes)
    return replace(plan, metal=replace(plan.metal, nodes=nodes))


def with_budget(plan: Plan, percent: float, hours: float) -> Plan:
    facts = replace(plan.site.sovereignty, budget_nodes_percent=percent, budget_hours=hours)
    return replace(plan, site=replace(plan.site, sovereignty=facts))


def pinned(plan: Plan, **pins: str) -> Plan:
    return replace(plan, site=replace(plan.site, pins={**plan.site.pins, **pins}))


def without(plan: Plan, *names: str) -> Plan:
    nodes = tuple(node for node in plan.metal.nodes if node.name not in names)
    return replace(plan, metal=replace(plan.metal, nodes=nodes))


def all_of(found: Impact, what: str) -> list[str]:
    return [name for ring in found.rings for name in getattr(ring, what)]


def test_the_same_plan_does_nothing(before: Plan) -> None:
    found = impact(before, before)
    assert (found.rings, found.leaving, found.switches, found.moves) == ((), (), (), ())
    assert found.hours == 0
    assert "no reboots, no wiped disks" in "\n".join(impact_lines(found))


def test_without_a_previous_plan_everything_is_new(before: Plan) -> None:
    found = impact(None, before)
    assert sorted(all_of(found, "new")) == [node.name for node in before.metal.nodes]
    assert all_of(found, "reboots") == all_of(found, "wipes") == []
    assert found.live_hours == 0 < found.hours
    assert found.pools == ()
    assert Move("release", "", before.site.release) in found.moves


def test_a_higher_generation_reboots_and_wipes_that_machine_only(before: Plan) -> None:
    wanted = nodes_changed(before, {"b200-001": {"install_generation": 2}})
    found = impact(before, wanted)
    (ring,) = found.rings
    assert (ring.pool, ring.ring) == ("b200", "canary")
    assert ring.reboots == ring.wipes == ("b200-001",)
    assert ring.hours == pytest.approx(STEPS["install"].hours + GATE_HOURS, abs=0.001)


def test_a_lower_generation_wipes_nothing(before: Plan) -> None:
    later = nodes_changed(before, {"b200-001": {"install_generation": 2}})
    assert impact(later, before).rings == ()


def test_bios_reboots_and_wipes_nothing(before: Plan) -> None:
    found = impact(before, nodes_changed(before, {"h100-002": {"bios": {"Boot": "Uefi"}}}))
    assert all_of(found, "reboots") == ["h100-002"]
    assert all_of(found, "wipes") == []


@pytest.mark.parametrize(
    ("change", "unlaid"),
    [
        ({"os_disk": OsDiskPlan(mirror=True)}, True),
        ({"os_disk": OsDiskPlan(encrypt="luks2")}, True),
        ({"os_disk": OsDiskPlan(mirror=True), "install_generation": 2}, False),
        ({"secure_boot": True}, False),
    ],
)
def test_another_layout_of_a_live_disk_is_told_to_need_an_installation(
    before: Plan, change: Mapping[str, object], unlaid: bool
) -> None:
    name = before.metal.nodes[0].name
    found = impact(before, nodes_changed(before, {name: change}))
    assert found.unlaid == ((name,) if unlaid else ())
    assert (name in "\n".join(impact_lines(found))) is (unlaid or "install_generation" in change)
    assert impact_props(found).get("unlaid") == ([name] if unlaid else None)


def test_a_key_sealed_without_secure_boot_is_not_given_out_with_it(before: Plan) -> None:
    name, disk = before.metal.nodes[0].name, OsDiskPlan(encrypt="luks2")
    sealed = nodes_changed(before, {name: {"os_disk": disk}})
    wanted = nodes_changed(before, {name: {"os_disk": disk, "secure_boot": True}})
    assert impact(sealed, wanted).unlaid == (name,)


def test_another_machine_in_its_place_is_new_and_the_old_one_is_taken_away(before: Plan) -> None:
    identity = replace(before.node("b200-003").identity, chassis_serial="OTHER")
    found = impact(before, nodes_changed(before, {"b200-003": {"identity": identity}}))
    assert all_of(found, "new") == ["b200-003"]
    assert {pool.pool: pool.touched for pool in found.pools} == {"b200": 1, "h100": 0}


def test_a_new_driver_reboots_machines_with_gpus_ring_by_ring(before: Plan) -> None:
    found = impact(before, pinned(before, driver="999.1"))
    assert len(all_of(found, "reboots")) == len(before.metal.nodes)
    assert [ring.ring for ring in found.rings if ring.pool == "b200"] == [
        "canary",
        "rack",
        "quarter",
        "rest",
    ]
    assert found.moves == (Move("driver", before.site.pins["driver"], "999.1"),)
    bare = tuple(replace(model, gpus=0) for model in before.metal.models)
    if bare:
        gpuless = replace(before, metal=replace(before.metal, models=bare))
        assert impact(gpuless, pinned(gpuless, driver="999.1")).rings == ()


def test_new_firmware_is_flashed_sixteen_at_a_time(before: Plan) -> None:
    found = impact(pinned(before, firmware="1"), pinned(before, firmware="2"))
    rest = next(ring for ring in found.rings if (ring.pool, ring.ring) == ("b200", "rest"))
    assert len(rest.reboots) == 36
    assert rest.hours == pytest.approx(3 * STEPS["firmware"].hours + GATE_HOURS, abs=0.001)


def test_a_package_that_moves_reboots_nobody(before: Plan) -> None:
    found = impact(before, pinned(before, cuda="14.0"))
    assert found.rings == ()
    assert "  cuda: 13.0 -> 14.0" in impact_lines(found)


def test_machines_that_leave(before: Plan) -> None:
    wanted = without(before, "h100-001", "h100-002")
    found = impact(before, wanted)
    (group,) = found.leaving
    assert (group.pool, group.nodes, group.action) == ("h100", ("h100-001", "h100-002"), "release")
    assert found.rings == ()
    assert not any(pool.touched for pool in found.pools), "released machines run on"
    off = replace(wanted, site=replace(wanted.site, on_delete="power-off"))
    assert {pool.pool: pool.touched for pool in impact(before, off).pools}["h100"] == 2


@pytest.mark.parametrize(
    ("percent", "hours", "said"),
    [
        (2.1, 1.0, ()),
        (2.0, 1.0, ("pool b200: 1 of 48 live machines (2 %); limit 2 %",)),
        (50.0, 0.5, ("0.8 h on live machines (estimated, upper bound); limit 0.5 h",)),
        (0.0, 0.0, ()),
    ],
)
def test_budget(before: Plan, percent: float, hours: float, said: tuple[str, ...]) -> None:
    wanted = nodes_changed(before, {"b200-001": {"install_generation": 2}})
    assert impact(before, with_budget(wanted, percent, hours)).exceeded == said


def test_new_machines_do_not_use_the_budget_up(before: Plan) -> None:
    small = without(before, *(node.name for node in before.metal.nodes if node.pool == "h100"))
    found = impact(small, with_budget(before, 1.0, 0.1))
    assert len(all_of(found, "new")) == 16
    assert found.exceeded == ()


def test_an_unknown_previous_plan_is_said_and_handed_to_policies(before: Plan) -> None:
    found = unknown_impact(before, "a record is missing")
    assert impact_props(found)["unknown"] == "a record is missing"
    assert "unknown: a record is missing" in impact_lines(found)[0]


def test_switches_whose_ports_change() -> None:
    old, new = handmade(1), handmade(2)
    found = {one.switch: one for one in impact(old, new).switches}
    assert {one.state for one in found.values()} <= {"new", "changed"}
    before = {switch.name for switch in old.fabric.switches}
    assert all((one.state == "new") == (name not in before) for name, one in found.items())
    back = {one.switch: one.state for one in impact(new, old).switches}
    assert {name for name, state in back.items() if state == "gone"} == {
        name for name, one in found.items() if one.state == "new"
    }
    assert impact(old, old).switches == ()


def test_one_cable_moved_shows_at_both_its_switches() -> None:
    old = handmade(2)
    at = next(i for i, cable in enumerate(old.fabric.cables) if cable.layer == "leaf-spine")
    cable = old.fabric.cables[at]
    moved = cable._replace(b_port=f"{cable.b_port}x")
    cables = (*old.fabric.cables[:at], moved, *old.fabric.cables[at + 1 :])
    wanted = replace(old, fabric=replace(old.fabric, cables=cables))
    found = {one.switch: one.ports for one in impact(old, wanted).switches}
    assert found == {cable.a_device: 1, cable.b_device: 2}


def test_lines_fit_and_say_that_drift_is_not_in_it(before: Plan) -> None:
    long = {
        node.name: {"pool": "a-pool-with-a-name-as-long-as-names-can-be-in-a-site-of-ours"}
        for node in before.metal.nodes
    }
    wanted = with_budget(nodes_changed(pinned(before, driver="999.1"), long), 1.0, 0.1)
    for found in (impact(before, wanted), impact(None, wanted), impact(handmade(1), handmade(2))):
        lines = impact_lines(found)
        assert max(map(len, lines)) <= WIDTH
        assert any("Not measured: drift" in line for line in lines)
        assert any("change budget" in line for line in lines)


def test_inputs_of_the_site_stay_small() -> None:
    """Counts, not names: the state of a large site must not grow with its machines."""
    small, large = (len(str(impact_props(impact(None, handmade(su))))) for su in (2, 8))
    assert large < small + 200


def test_as_many_installations_at_once_as_the_provider_does() -> None:
    assert STEPS["install"].at_once == INSTALLS


def test_each_duration_names_its_source() -> None:
    assert all(len(step.source) > 20 for step in STEPS.values())


def test_it_is_pure(before: Plan) -> None:
    wanted = pinned(before, driver="999.1")
    assert impact(before, wanted) == impact(before, wanted)
    assert dataclasses.asdict(before) == dataclasses.asdict(make_plan(load(EXAMPLE)))


def test_rings_hold_only_who_is_touched(before: Plan) -> None:
    names = ("b200-002", "b200-040")
    wanted = nodes_changed(before, {name: {"install_generation": 2} for name in names})
    assert [(ring.ring, ring.wipes) for ring in impact(before, wanted).rings] == [
        ("rack", ("b200-002",)),
        ("rest", ("b200-040",)),
    ]
    assert isinstance(before.metal.nodes[0], NodePlan)
