"""Racks, models and power in the plan: sums by hand, sides lost, and what a pool may change."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from powered import SIDES, document, planned, source

from bloomery.check import RULES
from bloomery.plan import Plan, make_plan
from bloomery.plan.circuits import line, supplies
from bloomery.plan.device_figures import node_figures
from bloomery.plan.model import ModelPlan
from bloomery.site import Site, load
from bloomery.site.facility.power import Circuit
from bloomery.site.metal.sheet import Pool

PLAN = planned()
GB300 = make_plan(load(Path(__file__).parents[3] / "inventories" / "example-gb300"))


def power(**changes: Any) -> dict[str, Any]:
    made = document()["power"]
    assert isinstance(made, dict)
    return {**made, **changes}


def loads(plan: Plan) -> dict[str, tuple[float, float]]:
    return {it.name: (it.load_kw, it.worst_kw) for it in plan.metal.sources}


def test_a_rack_by_hand() -> None:
    """Three DGX H100 of 10.2 kW and, by the site, 130 kg."""
    rack = PLAN.metal.racks[0]
    assert (rack.power_kw, rack.peak_kw, rack.liquid_kw, rack.air_kw) == (30.6, 30.6, 0, 30.6)
    assert (rack.weight_kg, rack.weight_limit_kg) == (390, 800)
    assert (rack.hall, rack.row, rack.place) == ("h1", "a", 1)
    assert [(item.name, item.unit, item.height) for item in rack.items] == [
        ("h-101", 1, 8),
        ("h-109", 9, 8),
        ("h-117", 17, 8),
    ]


def test_circuits_by_hand() -> None:
    """A third on each side; half when one is lost; two supplies of each machine on each."""
    first = PLAN.metal.circuits[0]
    assert (first.rack, first.source, first.side) == ("r01", "bus-a", "A")
    assert (first.load_kw, first.alone_kw) == (10.2, 15.3)
    assert first.phase_kw == (3.4, 3.4, 3.4)
    assert first.capacity_kw == pytest.approx(math.sqrt(3) * 415 * 60 * 0.8 * 0.95 / 1000, abs=1e-3)
    assert (first.pdu, first.wiring, first.count) == ("pdu-415v-60a", "wye", 1)


def test_tree_by_hand() -> None:
    """Two racks, 61.2 kW; each UPS loses 4 %; the generator stands in for the mains."""
    found = loads(PLAN)
    assert found["bus-a"] == found["ups-a"] == (20.4, 30.6)
    assert found["grid"] == (63.75, 63.75)
    assert found["gen"] == (0, 63.75)
    assert {it.name for it in PLAN.metal.sources if it.backed} == {
        f"{kind}-{side}" for kind in ("ups", "bus") for side in SIDES
    }


def test_loss_is_taken_at_every_level() -> None:
    sources = [
        source("grid", "utility", 500),
        source("ups", "ups", 500, parent="grid", side="A", loss=0.1),
        source("pdu", "pdu", 500, parent="ups", loss=0.2),
    ]
    racks = [{"name": "r01..r02", "units": 48, "power_kw": 45, "feeds": [FEED]}]
    plan = planned(racks=racks, power=power(sources=sources))
    assert loads(plan)["pdu"][0] == 61.2
    assert loads(plan)["ups"][0] == pytest.approx(61.2 / 0.8)
    assert loads(plan)["grid"][0] == pytest.approx(61.2 / 0.8 / 0.9)


FEED = {"source": "pdu", "circuit": "c60", "count": 2}


def test_a_rack_on_one_side_falls_with_it() -> None:
    """With A lost its rack draws nothing from B; so B carries the other rack alone."""
    racks = [
        {"name": "r01", "units": 48, "power_kw": 45, "feeds": [feed("a")]},
        {"name": "r02", "units": 48, "power_kw": 45, "feeds": [feed("a"), feed("b")]},
    ]
    found = loads(planned(racks=racks))
    assert found["bus-a"] == (45.9, 61.2)
    assert found["bus-b"] == (15.3, 30.6)


def feed(side: str) -> dict[str, object]:
    return {"source": f"bus-{side}", "circuit": "c60"}


def test_two_feeds_of_one_side_share_by_their_size() -> None:
    feeds = [{**feed("a"), "count": 3}, {"source": "bus-a2", "circuit": "c60"}, feed("b")]
    racks = [{"name": "r01..r02", "units": 48, "power_kw": 45, "feeds": feeds}]
    listed = [*power()["sources"], source("bus-a2", "busway", 50, parent="ups-a")]
    plan = planned(racks=racks, power=power(sources=listed))
    by_source = {it.source: it.load_kw for it in plan.metal.circuits if it.rack == "r01"}
    assert by_source == {"bus-a": 11.475, "bus-a2": 3.825, "bus-b": 15.3}


def test_cdus_draw_from_their_own_feeds() -> None:
    """Two CDUs of 15 kW, half on each side: 15 kW a side, 30 kW when the other is lost."""
    found = loads(GB300)
    assert found["ups-a"][0] - found["bus-a"][0] == 15
    assert found["ups-a"][1] - found["bus-a"][1] == pytest.approx(30, abs=0.002)
    assert found["ups-c"] == found["bus-c"]


def test_a_rack_scale_rack_adds_up_to_the_vendors_figures() -> None:
    rack = GB300.metal.racks[0]
    assert (rack.power_kw, rack.peak_kw, rack.liquid_kw, rack.air_kw) == (135, 155, 139.5, 15.5)
    [body] = [model for model in GB300.metal.models if model.kind == "node"]
    assert (body.trays, body.gpus, body.mig_slices, body.height) == (18, 4, 28, 1)
    assert (body.shelves, body.shelf_kw) == (8, 33)


def test_a_hall_sums_the_air_of_its_racks() -> None:
    [hall] = GB300.metal.halls
    assert hall.air_kw == 124
    assert hall.racks == tuple(f"r{number:02}" for number in range(1, 9))


@pytest.mark.parametrize(
    ("psus", "sides", "spread"),
    [
        (6, "AB", (3, 3)),
        (6, "ABC", (2, 2, 2)),
        (5, "AB", (3, 2)),
        (1, "AB", (1, 0)),
        (0, "AB", (1, 1)),
    ],
)
def test_supplies_are_spread_evenly(psus: int, sides: str, spread: tuple[int, ...]) -> None:
    body = ModelPlan("m", "m", "node", 1, 1.0, 1.0, 0.0, psus=psus)
    assert tuple(supplies(body, sides).values()) == spread


def test_phases_follow_from_the_place_not_the_neighbours() -> None:
    """Taking a machine out moves nobody else's supplies."""
    rows = document()["machines"]
    assert isinstance(rows, list)
    fewer = planned(machines=[row for row in rows if row["name"] != "h-109"])
    assert fewer.metal.circuits[0].phase_kw == (3.4, 1.7, 1.7)
    first = planned(machines=[row for row in rows if row["name"] == "h-101"])
    assert first.metal.circuits[0].phase_kw == (1.7, 1.7, 0)


def pool(model: str, **figures: object) -> ModelPlan:
    plain = {"name": "p", "model": model, "purpose": "training"}
    return node_figures(Pool.model_validate({**plain, **figures}))


def test_a_pool_gives_what_the_catalogue_lacks() -> None:
    body = pool("hgx-b200", power_kw="12.5 kW", height_u="8", liquid_share="70 %")
    assert (body.power_kw, body.peak_kw, body.height, body.liquid_share) == (12.5, 12.5, 8, 0.7)
    assert body.sources[:3] == (
        "site.yaml: height_u of its pool",
        "site.yaml: liquid_share of its pool",
        "site.yaml: power_kw of its pool",
    )


def test_a_pool_goes_over_the_catalogue() -> None:
    assert pool("dgx-b300").peak_kw == 19.7
    assert pool("dgx-b300", power_kw=14.5).peak_kw == 14.5
    assert pool("dgx-b300", power_kw=14.5, peak_kw=19.0).peak_kw == 19.0
    assert pool("gb300-nvl72", shelves=10, shelf_kw="36 kW").shelves == 10


def test_pools_of_one_model_may_differ() -> None:
    """The first by name keeps the plain key, so that a model is always found by it."""
    pools = [
        {"name": "h", "model": "dgx-h100", "purpose": "training", "weight_kg": 130},
        {"name": "g", "model": "dgx-h100", "purpose": "serving", "weight_kg": 120},
        {"name": "i", "model": "dgx-h100", "purpose": "serving", "weight_kg": 120},
    ]
    plan = planned(pools=pools)
    weights = {model.key: model.weight_kg for model in plan.metal.models if model.kind == "node"}
    assert weights == {"dgx-h100": 120, "dgx-h100@h": 130}
    assert {item.model for item in plan.metal.racks[0].items} == {"dgx-h100@h"}
    assert {node.model for node in plan.metal.nodes} == {"dgx-h100"}
    assert plan.metal.racks[0].weight_kg == 390


def test_a_circuit_takes_its_pdus_figures_under_its_own() -> None:
    own = line(Circuit.model_validate({"name": "c", "pdu": "pdu-400v-63a", "continuous": "100 %"}))
    assert (own.volts, own.amps, own.phases, own.wiring, own.continuous) == (400, 63, 3, "wye", 1)
    assert line(Circuit.model_validate({"name": "c", "pdu": "pdu-208v-30a"})).wiring == "delta"
    with pytest.raises(ValueError, match="continuous is given neither"):
        line(Circuit.model_validate({"name": "c", "pdu": "pdu-230v-32a"}))


def test_a_site_that_says_nothing_of_power_has_no_tree() -> None:
    made = document()
    racks = [{"name": "r01..r02", "units": 48, "power_kw": 45}]
    plan = make_plan(Site.model_validate({**made, "power": None, "racks": racks}))
    assert (plan.metal.sources, plan.metal.circuits) == ((), ())


@st.composite
def fed_sites(draw: st.DrawFn) -> Plan:
    """Two racks on two to four sides, any losses, any number of supplies, any peak."""
    sides = "abcd"[: draw(st.integers(2, 4))]
    loss = draw(st.floats(0, 0.3))
    sources = [source("grid", "utility", 1000)]
    for side in sides:
        ups = f"ups-{side}"
        sources.append(source(ups, "ups", 500, parent="grid", side=side.upper(), loss=loss))
        sources.append(source(f"bus-{side}", "busway", 500, parent=ups))
    feeds = [{**feed(side), "count": draw(st.integers(1, 3))} for side in sides]
    racks = [{"name": "r01..r02", "units": 48, "power_kw": 200, "feeds": feeds}]
    extra = {"psus": draw(st.integers(2, 9)), "peak_kw": draw(st.floats(10.2, 15))}
    pools = [{"name": "h", "model": "dgx-h100", "purpose": "training", **extra}]
    return planned(racks=racks, pools=pools, power=power(sources=sources))


@given(fed_sites())
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_between_rack_and_utility(plan: Plan) -> None:
    """What racks draw arrives on circuits, sources and, with losses, on the utility."""
    racks = math.fsum(rack.power_kw for rack in plan.metal.racks)
    assert math.fsum(it.load_kw for it in plan.metal.circuits) == pytest.approx(racks, abs=0.01)
    for circuit in plan.metal.circuits:
        assert math.fsum(circuit.phase_kw) == pytest.approx(circuit.load_kw, abs=0.01)
    ups = [it for it in plan.metal.sources if it.kind == "ups"]
    drawn = math.fsum(it.load_kw / (1 - it.loss) for it in ups)
    assert loads(plan)["grid"][0] == pytest.approx(drawn, abs=0.01)
    assert all(it.worst_kw >= it.load_kw - 0.01 for it in plan.metal.sources)


@given(fed_sites())
@settings(max_examples=60, deadline=None)
def test_the_planner_never_breaks_the_sums_its_rules_work_out_anew(plan: Plan) -> None:
    """Limits may be too low, but no rule may find that circuits and racks tell two stories."""
    notes = [note for rule in RULES if rule.id in ("P1", "P2") for note in rule.apply(plan)]
    assert not [note for note in notes if "all it draws" in note.limit], notes
