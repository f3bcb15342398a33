"""Power when one side is lost, as policies see it."""

from __future__ import annotations

from dataclasses import replace

from handmade import plan as handmade

from bloomery.plan.model import CircuitPlan, ModelPlan, Plan, SourcePlan
from bloomery.plan.spare import spare


def circuit(rack: str, side: str, *, left: float) -> CircuitPlan:
    return CircuitPlan(
        rack=rack,
        source=f"ups-{side}",
        side=side,
        volts=400,
        amps=32,
        phases=3,
        continuous=0.8,
        count=1,
        power_factor=0.95,
        capacity_kw=10 + left,
        load_kw=5,
        alone_kw=10,
    )


def source(name: str, *, left: float) -> SourcePlan:
    return SourcePlan(name, "ups", "", "A", 100 + left, 0.0, 50, 100, True)


def powered(*circuits: CircuitPlan, sources: tuple[SourcePlan, ...] = ()) -> Plan:
    plan = handmade(1)
    racks = plan.metal.racks[:2]
    names = {rack.name for rack in racks}
    assert {one.rack for one in circuits} <= names
    return replace(
        plan, metal=replace(plan.metal, racks=racks, circuits=circuits, sources=sources, models=())
    )


RACKS = [rack.name for rack in handmade(1).metal.racks[:2]]


def test_two_sides_each() -> None:
    circuits = [circuit(rack, side, left=2) for rack in RACKS for side in "AB"]
    found = spare(powered(*circuits, sources=(source("ups-A", left=7), source("ups-B", left=3))))
    assert (found.racks, found.racks_on_two_sides, found.one_sided) == (2, 2, "")
    assert found.circuit_left_kw == 2
    assert (found.source, found.source_left_kw) == ("ups-B", 3)


def test_one_side_twice_is_one_side() -> None:
    circuits = [circuit(RACKS[0], side, left=2) for side in "AA"]
    circuits += [circuit(RACKS[1], side, left=2) for side in "AB"]
    found = spare(powered(*circuits))
    assert (found.racks_on_two_sides, found.one_sided) == (1, RACKS[0])


def test_no_circuits_at_all_is_no_spare() -> None:
    found = spare(powered())
    assert (found.racks, found.racks_on_two_sides, found.one_sided) == (2, 0, RACKS[0])


def test_the_tightest_circuit_is_named() -> None:
    found = spare(powered(circuit(RACKS[0], "A", left=1), circuit(RACKS[1], "B", left=-0.5)))
    assert (found.circuit, found.circuit_left_kw) == (f"{RACKS[1]} side B", -0.5)


def test_a_model_that_needs_all_its_power_supplies() -> None:
    plan = powered()
    model = ModelPlan("hgx", "HGX", "node", 8, 10, 10, 0, psus=4, psus_needed=4)
    spared = replace(model, key="dgx", psus=6)
    unknown = replace(model, key="cpu", psus=0, psus_needed=0)
    models = (model, spared, unknown)
    assert spare(replace(plan, metal=replace(plan.metal, models=models))).no_spare_psu == ("hgx",)
