"""Power by published numbers: breakers, phases, shelves, supplies, trees."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from powered import planned

from bloomery.catalogue import node_model
from bloomery.check import RULES, Severity
from bloomery.check.note import Note
from bloomery.check.power import breaker_kva, imbalance, line_amps, phase_amps
from bloomery.check.supplies import left_of
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import CircuitPlan, SourcePlan
from bloomery.site import load

GB300 = make_plan(load(Path(__file__).parents[3] / "inventories" / "example-gb300"))


def notes(rule: str, plan: Plan) -> tuple[Note, ...]:
    return next(it for it in RULES if it.id == rule).apply(plan)


def circuit(**values: object) -> CircuitPlan:
    plain = CircuitPlan(
        rack="r01",
        source="pdu",
        side="A",
        volts=208.0,
        amps=30.0,
        phases=3,
        continuous=0.8,
        count=1,
        power_factor=1.0,
        capacity_kw=8.646,
        load_kw=0.0,
        alone_kw=0.0,
    )
    return replace(plain, **values)


def of_circuits(*circuits: CircuitPlan) -> Plan:
    plan = planned()
    return replace(plan, metal=replace(plan.metal, circuits=circuits))


@pytest.mark.parametrize(
    ("volts", "amps", "continuous", "kva"),
    [(208, 30, 0.8, 8.646), (415, 60, 0.8, 34.5), (400, 63, 1.0, 43.6)],
)
def test_three_phase_breakers(volts: float, amps: float, continuous: float, kva: float) -> None:
    """sqrt(3) V I: datacentermd.com's 8646 VA, and two common circuits."""
    assert breaker_kva(volts, amps, 3, continuous) == pytest.approx(kva, abs=0.06)
    assert breaker_kva(208, 30, 3, 0.8) == pytest.approx(8.646, abs=0.0005)


def test_half_and_half_means_forty_percent_of_each_breaker() -> None:
    """Two feeds of 80 %: what one must carry alone leaves each at 40 % in normal operation."""
    limit = breaker_kva(208, 30, 3, 0.8)
    at_most = circuit(load_kw=limit / 2, alone_kw=limit)
    assert breaker_kva(208, 30, 3, 0.4) == pytest.approx(limit / 2)
    assert [it for it in notes("P2", of_circuits(at_most)) if it.subject == "r01 on pdu"] == []
    more = circuit(load_kw=limit * 0.41 / 0.8, alone_kw=limit * 0.82 / 0.8)
    assert [it.subject for it in notes("P2", of_circuits(more))].count("r01 on pdu") == 1


def test_two_banks_do_not_simply_add_up_in_a_line() -> None:
    """10 A in two banks is 17.3 A in the line they share, not 20 A."""
    first, second, third = line_amps((10.0, 0.0, 10.0))
    assert first == pytest.approx(10 * math.sqrt(3))
    assert second == pytest.approx(10.0)
    assert third == pytest.approx(10.0)
    assert line_amps((3.0, 0.0, 5.0))[0] == pytest.approx(7.0)


def test_an_even_delta_load_is_root_three_in_each_line() -> None:
    assert line_amps((10.0, 10.0, 10.0)) == pytest.approx((17.3205,) * 3, abs=1e-4)


EVEN = (2.06, 2.06, 2.06)
TWO_BANKS = (3.09, 3.09, 0.0)
"""datacentermd.com: 3 servers of 1000 VA and 6 of 530 VA, spread over all banks or over two."""


@pytest.mark.parametrize(("banks", "trips"), [(EVEN, False), (TWO_BANKS, True)])
def test_a_load_within_the_total_may_still_overload_a_line(
    banks: tuple[float, ...], trips: bool
) -> None:
    """6180 VA of 8646 VA: fine over three banks, too much for one line over two."""
    found = circuit(load_kw=6.18, alone_kw=6.18, phase_kw=banks, wiring="delta")
    assert math.fsum(banks) == pytest.approx(6.18)
    assert [it for it in notes("P1", of_circuits(found)) if it.subject == "r01 on pdu"] == []
    errors = [it for it in notes("P3", of_circuits(found)) if it.severity is Severity.ERROR]
    assert bool(errors) is trips
    if trips:
        assert max(phase_amps(found)) == pytest.approx(25.7, abs=0.05)
        assert errors[0].value == "25.7 A in line 2"


def test_imbalance_of_a_worked_example() -> None:
    """45, 38 and 52 A (calcspec.com): 7 A off a mean of 45 A is 15.6 %, beyond 15 %."""
    assert imbalance((45.0, 38.0, 52.0)) == pytest.approx(0.1556, abs=0.0001)
    assert imbalance((40.0, 40.0, 40.0)) == 0
    assert imbalance((0.0, 0.0, 0.0)) == 0


def test_half_of_the_shelves_carry_a_gb200_rack_and_not_a_gb300_rack() -> None:
    """4 of 8 shelves of 33 kW: 132 kW is the GB200's peak, the GB300 wants 135 and 155."""
    gb200, gb300 = node_model("gb200-nvl72").rack, node_model("gb300-nvl72").rack
    assert gb200 is not None and gb200.shelves and gb200.shelf_kw and gb200.peak_kw
    assert gb300 is not None and gb300.shelves and gb300.shelf_kw and gb300.peak_kw
    left = left_of(int(gb200.shelves.value), 2) * gb200.shelf_kw.value
    assert left == 132 >= gb200.peak_kw.value
    assert left_of(int(gb300.shelves.value), 2) * gb300.shelf_kw.value < gb300.power_kw.value
    assert (gb300.power_kw.value, gb300.peak_kw.value) == (135, 155)


@pytest.mark.parametrize(("sides", "left"), [(2, 3), (3, 4), (6, 5)])
def test_supplies_left_of_six(sides: int, left: int) -> None:
    """DGX H100, 4+2: 3+3 leaves three, degraded; 2+2+2 leaves four."""
    assert left_of(6, sides) == left
    needed = node_model("dgx-h100").psus_needed
    assert needed is not None
    assert (left >= needed.value) is (sides != 2)


@pytest.mark.parametrize(("kw", "share", "air"), [(120, 0.10, 12), (155, 0.15, 23)])
def test_air_heat_of_a_liquid_cooled_rack(kw: float, share: float, air: float) -> None:
    """10 to 15 % of an NVL72 rack stays in the air: 12 to 23 kW."""
    assert kw * share == pytest.approx(air, abs=0.3)
    assert GB300.metal.racks[0].air_kw == pytest.approx(15.5)


def dps_tree(**utility: object) -> Plan:
    """NVIDIA Domain Power Service's simulated site: 750 kW utility, 1.6 MW switchboard, four
    PDUs of 450 kW, eight racks, 144 machines."""

    def source(name: str, kind: str, parent: str, kw: float) -> SourcePlan:
        return SourcePlan(name, kind, parent, "", kw, 0.0, 0.0, 0.0, False)

    sources = [
        replace(source("utility", "utility", "", 750.0), **utility),
        source("board", "switchboard", "utility", 1600.0),
        *(source(f"pdu-{number}", "pdu", "board", 450.0) for number in range(1, 5)),
    ]
    racks = [
        circuit(rack=rack.name, source=f"pdu-{at % 4 + 1}", load_kw=rack.power_kw)
        for at, rack in enumerate(GB300.metal.racks)
    ]
    metal = replace(GB300.metal, sources=tuple(sources), circuits=tuple(racks))
    return replace(GB300, metal=metal)


def test_oversubscription_needs_a_controller_that_caps() -> None:
    """8 racks x 135 kW is 1,080 kW: PDUs and switchboard carry it, the utility does not."""
    assert len(GB300.metal.nodes) == 144
    [note] = notes("P4", dps_tree())
    assert (note.subject, note.severity) == ("utility", Severity.ERROR)
    assert (note.value, note.margin) == ("1080.0 kW in normal operation", "-330.0 kW")
    [capped] = notes("P4", dps_tree(capped_by="domain-power-service"))
    assert capped.severity is Severity.WARNING
    assert "domain-power-service must cap the load" in capped.value
    assert notes("P4", dps_tree(capacity_kw=1080.0)) == ()
