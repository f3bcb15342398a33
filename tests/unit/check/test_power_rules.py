"""Rules P1 to P8, M3, M4, M7 and M8: good sites pass, and each change fires its rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from powered import planned

from bloomery.check import RULES, Severity, review
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import CircuitPlan, ModelPlan, SourcePlan, SwitchPlan
from bloomery.site import load

H100 = planned()
"""Two racks of three DGX H100 on three sides."""

GB300 = make_plan(load(Path(__file__).parents[3] / "inventories" / "example-gb300"))
"""Eight GB300 NVL72 racks on four sides, with two CDUs."""

IDS = {*(f"P{number}" for number in range(1, 9)), "M3", "M4", "M7", "M8"}

Change = Callable[[Plan], Plan]


def metal(plan: Plan, **values: object) -> Plan:
    return replace(plan, metal=replace(plan.metal, **values))


def circuits(rack: str = "", source: str = "", **values: object) -> Change:
    """Change the circuits of a rack from a source; of all where none is named."""

    def one(circuit: CircuitPlan) -> CircuitPlan:
        named = rack in ("", circuit.rack) and source in ("", circuit.source)
        return replace(circuit, **values) if named else circuit

    return lambda plan: metal(plan, circuits=tuple(map(one, plan.metal.circuits)))


def unplugged(rack: str, *sides: str) -> Change:
    def changed(plan: Plan) -> Plan:
        kept = (it for it in plan.metal.circuits if it.rack != rack or it.side not in sides)
        return metal(plan, circuits=tuple(kept))

    return changed


def sources(*names: str, **values: object) -> Change:
    def one(source: SourcePlan) -> SourcePlan:
        return replace(source, **values) if source.name in names else source

    return lambda plan: metal(plan, sources=tuple(map(one, plan.metal.sources)))


def models(**values: object) -> Change:
    def one(model: ModelPlan) -> ModelPlan:
        return replace(model, **values) if model.kind == "node" else model

    return lambda plan: metal(plan, models=tuple(map(one, plan.metal.models)))


def racks(**values: object) -> Change:
    return lambda plan: metal(
        plan, racks=tuple(replace(rack, **values) for rack in plan.metal.racks)
    )


def halls(**values: object) -> Change:
    return lambda plan: metal(
        plan, halls=tuple(replace(hall, **values) for hall in plan.metal.halls)
    )


def cdus(**values: object) -> Change:
    def changed(plan: Plan) -> Plan:
        found = tuple(
            replace(cdu, **values) if cdu.name == "cdu-1" else cdu for cdu in plan.cooling.cdus
        )
        return replace(plan, cooling=replace(plan.cooling, cdus=found))

    return changed


def without_node(name: str) -> Change:
    return lambda plan: metal(
        plan, nodes=tuple(node for node in plan.metal.nodes if node.name != name)
    )


def one_more_tray(plan: Plan) -> Plan:
    extra = replace(plan.metal.nodes[0], name="extra", unit=40)
    return metal(plan, nodes=(*plan.metal.nodes, extra))


def loss(accepted: str) -> Change:
    return lambda plan: metal(plan, feed_loss=accepted)


def both(*changes: Change) -> Change:
    def changed(plan: Plan) -> Plan:
        for change in changes:
            plan = change(plan)
        return plan

    return changed


def with_switch(rack: str = "r01", unit: int = 30, **body: object) -> Change:
    """One switch of 2 U, 1 kW and 20 kg."""
    model = ModelPlan("sw", "a switch", "switch", 2, 1.0, 1.0, 0.0, 20.0)
    switch = SwitchPlan("leaf-1", "compute", "leaf", 0, "sw", rack=rack, unit=unit)

    def changed(plan: Plan) -> Plan:
        grown = metal(plan, models=(*plan.metal.models, replace(model, **body)))
        return replace(grown, fabric=replace(grown.fabric, switches=(switch,)))

    return changed


@dataclass(frozen=True)
class Case:
    rule: str
    plan: Plan
    change: Change
    subject: str
    value: str
    severity: Severity = Severity.ERROR
    margin: str = ""


WARNING = Severity.WARNING
CASES = [
    Case("P1", H100, circuits("r01", "bus-a", amps=18.0), "r01 on bus-a", "14.9", margin="-0.5 A"),
    Case("P1", H100, circuits("r02", "bus-b", continuous=0.2), "r02 on bus-b", "14.9 A per phase"),
    Case("P1", H100, circuits("r01", "bus-a", volts=120.0), "r01 on bus-a", "51.7 A per phase"),
    Case("P1", H100, circuits("r01", "bus-a", power_factor=0.2), "r01 on bus-a", "71.0 A"),
    Case("P1", H100, circuits("r01", "bus-a", load_kw=0.0), "r01", "20.400 kW on its circuits"),
    Case("P1", H100, unplugged("r01", "C"), "r01", "20.400 kW on", margin="-10.200 kW"),
    Case("P1", H100, with_switch(), "r01", "30.600 kW on its circuits", margin="-1.000 kW"),
    Case("P1", H100, with_switch(power_kw=0.0), "sw", "unknown power"),
    Case("P1", H100, racks(power_limit_kw=30.0), "r02", "30.600 kW nameplate", margin="-0.600 kW"),
    Case("P1", H100, racks(power_limit_kw=32.0), "r01", "30.600 kW", WARNING, "1.400 kW"),
    Case("P2", H100, circuits("r01", "bus-a", alone_kw=33.0), "r01 on bus-a", "33.000 kW when"),
    Case("P2", H100, circuits("r01", "bus-a", alone_kw=1.0), "r01", "kW on the remaining circuits"),
    Case("P2", H100, circuits("r01", "bus-b", amps=20.0), "r01 on bus-b", "15.300 kW"),
    Case("P2", H100, circuits("r01", "bus-b", count=0), "r01 on bus-b", "15.300 kW"),
    Case("P2", H100, unplugged("r01", "B", "C"), "r01", "feeds of side A only"),
    Case("P2", H100, unplugged("r01", "A", "B", "C"), "r01", "no feeds"),
    Case("P2", H100, sources("bus-b", capacity_kw=30.0), "bus-b", "30.6 kW", margin="-0.6 kW"),
    Case("P2", H100, sources("ups-c", capacity_kw=30.0), "ups-c", "30.6 kW when the other side"),
    Case("P2", H100, sources("grid", capacity_kw=63.0), "grid", "63.8 kW"),
    Case("P2", H100, sources("gen", capacity_kw=63.0), "gen", "63.8 kW"),
    Case("P2", H100, models(peak_kw=12.0), "r02", "kW on the remaining circuits"),
    Case("P2", H100, sources("bus-a", capacity_kw=30.0, capped_by="dps"), "bus-a", "dps", WARNING),
    Case(
        "P3",
        H100,
        circuits("r01", "bus-a", phase_kw=(10.2, 0.0, 0.0)),
        "r01 on bus-a",
        "67.2 A in line 1",
        margin="-19.2 A",
    ),
    Case(
        "P3",
        H100,
        circuits("r02", "bus-c", phase_kw=(2.5, 2.5, 5.2)),
        "r02 on bus-c",
        "53%",
        WARNING,
    ),
    Case(
        "P3",
        H100,
        circuits("r02", "bus-c", phase_kw=(3.0, 3.4, 3.8)),
        "r02 on bus-c",
        "12%",
        WARNING,
    ),
    Case("P4", H100, sources("bus-a", capacity_kw=20.0), "bus-a", "20.4 kW in normal operation"),
    Case("P4", H100, sources("ups-b", capacity_kw=20.0), "ups-b", "20.4 kW", margin="-0.4 kW"),
    Case("P4", H100, sources("grid", capacity_kw=63.0), "grid", "63.8 kW in normal operation"),
    Case("P4", H100, sources("ups-a", loss=0.9), "grid", "kW in normal operation"),
    Case("P4", H100, sources("bus-a", parent="ups-x"), "bus-a", "parent ups-x"),
    Case("P4", H100, circuits("r01", "bus-c", load_kw=45.0), "bus-c", "55.2 kW"),
    Case("P4", H100, sources("bus-a", capacity_kw=20.0, capped_by="dps"), "bus-a", "dps", WARNING),
    Case(
        "P5",
        GB300,
        models(shelves=6),
        "gb300-nvl72, 8 racks on 4 sides",
        "132 kW from 4 of 6",
        margin="-23 kW",
    ),
    Case("P5", GB300, models(shelf_kw=25.0), "gb300-nvl72, 8 racks on 4 sides", "150 kW from 6"),
    Case("P5", GB300, models(peak_kw=12.0), "gb300-nvl72, 8 racks on 4 sides", "198 kW from 6"),
    Case(
        "P5",
        GB300,
        both(models(shelves=6), loss("degraded")),
        "gb300-nvl72, 8 racks on 4 sides",
        "132 kW",
        WARNING,
    ),
    Case("P5", GB300, unplugged("r01", "C", "D"), "gb300-nvl72, 1 racks on 2 sides", "132 kW"),
    Case("P6", H100, models(psus_needed=5), "dgx-h100, 6 machines on 3 sides", "4 of", margin="-1"),
    Case("P6", H100, unplugged("r01", "C"), "dgx-h100, 3 machines on 2 sides", "3 of 6 supplies"),
    Case(
        "P6",
        H100,
        both(unplugged("r01", "C"), loss("degraded")),
        "dgx-h100, 3 machines on 2 sides",
        "3 of 6 supplies",
        WARNING,
    ),
    Case(
        "P6",
        H100,
        both(models(psus=1, psus_needed=1), loss("degraded")),
        "dgx-h100, 6 machines on 3 sides",
        "0 of 1 supplies",
    ),
    Case("P7", GB300, cdus(feeds=("ups-a",)), "cdu-1", "feeds of side A"),
    Case("P7", GB300, cdus(feeds=("ups-a", "ups-x")), "cdu-1 on ups-x", "ups-x is not a source"),
    Case("P7", GB300, cdus(feeds=("bus-a", "bus-b")), "cdu-1 on bus-a", "also feeds the racks"),
    Case("P7", GB300, cdus(feeds=("grid", "ups-b")), "cdu-1 on grid", "is not behind a UPS"),
    Case("P7", GB300, sources("ups-b", backed=False), "cdu-2 on ups-b", "is not behind a UPS"),
    Case(
        "P7",
        GB300,
        sources("ups-a", kind="ats", transfer_s=60.0),
        "cdu-1 on ups-a",
        "60 s while ups-a transfers",
    ),
    Case("P8", H100, halls(air_limit_kw=61.0), "h1", "61.2 kW to air", margin="-0.2 kW"),
    Case("P8", GB300, models(liquid_share=0.85), "hall-1", "186.0 kW to air", margin="-26.0 kW"),
    Case("P8", H100, models(peak_kw=20.0), "h1", "120.0 kW to air"),
    Case("M3", H100, with_switch(unit=8), "h-101, leaf-1", "U8-U9 of r01 over U1-U8"),
    Case("M3", H100, with_switch(unit=48), "leaf-1", "U48-U49 of r01", margin="-1 U"),
    Case("M3", H100, with_switch(height=0), "leaf-1", "unknown height in r01"),
    Case("M3", GB300, cdus(rack="r01", unit=48), "cdu-1", "unknown height in r01"),
    Case("M4", H100, with_switch(rack="r99"), "leaf-1", "rack r99"),
    Case("M4", GB300, cdus(rack="r99", unit=1), "cdu-1", "rack r99"),
    Case("M7", H100, racks(weight_limit_kg=380.0), "r01", "390.0 kg", margin="-10.0 kg"),
    Case("M7", H100, models(weight_kg=300.0), "r02", "900.0 kg"),
    Case("M7", H100, models(weight_kg=0.0), "dgx-h100", "unknown weight, in 2 racks", WARNING),
    Case("M8", GB300, without_node("gb300-001"), "r01", "17 trays", WARNING, "-1"),
    Case("M8", GB300, one_more_tray, "r01", "19 trays", margin="1"),
]


@pytest.mark.parametrize("plan", [H100, GB300], ids=["h100", "gb300"])
def test_good_sites_pass_every_rule(plan: Plan) -> None:
    assert [note for note in review(plan) if note.id in IDS] == []


def test_every_rule_has_a_failing_case() -> None:
    assert {case.rule for case in CASES} == IDS
    assert {rule.id for rule in RULES} >= IDS


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.value}")
def test_failing(case: Case) -> None:
    [rule] = [rule for rule in RULES if rule.id == case.rule]
    notes = rule.apply(case.change(case.plan))
    hits = [note for note in notes if note.subject == case.subject and case.value in note.value]
    assert hits, [str(note) for note in notes]
    assert hits[0].severity is case.severity
    if case.margin:
        assert hits[0].margin == case.margin
    assert hits[0].source
    assert hits[0].remedy
    assert hits[0].limit


def test_a_full_but_not_overfull_feed_passes() -> None:
    """15.3 kW is all that is left to a side; a source that gives just that is enough."""
    plan = sources("bus-a", "bus-b", "bus-c", capacity_kw=30.6)(H100)
    assert [note for note in review(plan) if note.id == "P2"] == []


def test_a_light_load_may_hang_on_one_phase() -> None:
    """Where no breaker could trip even so, balance is nobody's trouble."""
    plan = circuits(load_kw=1.0, alone_kw=1.5, phase_kw=(1.0, 0.0, 0.0))(H100)
    assert [note for note in review(plan) if note.id == "P3"] == []


def test_a_site_without_power_is_held_to_its_rack_limits_only() -> None:
    plan = metal(H100, circuits=(), sources=())
    assert {note.id for note in review(plan)} & (IDS - {"P1"}) == set()


def test_coolant_that_ends_in_the_air_counts_as_air() -> None:
    """A CDU that blows its heat into the hall takes nothing off the room."""
    found = tuple(replace(cdu, exchanger="air") for cdu in GB300.cooling.cdus)
    plan = replace(GB300, cooling=replace(GB300.cooling, cdus=found))
    [note] = [note for note in review(plan) if note.id == "P8"]
    assert note.value == "1240.0 kW to air at peak"


def test_a_ups_below_the_change_over_bridges_it() -> None:
    plan = sources("grid", kind="ats", transfer_s=60.0)(GB300)
    assert [note for note in review(plan) if note.id == "P7"] == []
