"""The published tables of coolant, row by row, and the laws behind them as properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bloomery.catalogue.fluid import fluid
from bloomery.plan import coolant

LENOVO = {25: (59, 2.3), 30: (71, 3.2), 35: (89, 4.9), 40: (119, 8.5), 45: (177, 18.4)}
"""GB300 NVL72: supply, °C -> flow, L/min, and pressure drop, psi (Lenovo LP2357)."""

GB300_KW = 135 * 0.9
"""What of its 135 kW goes to liquid."""


def water_at(celsius: float) -> tuple[float, float]:
    found = fluid("water")
    return found.density_kg_l.at(celsius), found.heat_capacity_kj_kgk.at(celsius)


@pytest.mark.parametrize("supply", LENOVO)
def test_gb300_flow_table(supply: int) -> None:
    """Water and a return of 55 °C give all five rows within 1.5 %."""
    density, heat_capacity = water_at((supply + 55) / 2)
    flow = coolant.flow_lpm(GB300_KW, density, heat_capacity, 55 - supply)
    assert flow == pytest.approx(LENOVO[supply][0], rel=0.015)


@pytest.mark.parametrize(
    ("supply", "flow"), [(25, 58.7), (30, 70.5), (35, 88.1), (40, 117.4), (45, 176)]
)
def test_gb300_flow_as_computed(supply: int, flow: float) -> None:
    density, heat_capacity = water_at((supply + 55) / 2)
    found = coolant.flow_lpm(GB300_KW, density, heat_capacity, 55 - supply)
    assert found == pytest.approx(flow, rel=0.004)


@pytest.mark.parametrize("supply", LENOVO)
def test_the_same_table_read_backwards_returns_at_55(supply: int) -> None:
    density, heat_capacity = water_at((supply + 55) / 2)
    rise = coolant.rise_k(GB300_KW, density, heat_capacity, LENOVO[supply][0])
    assert 54.5 <= supply + rise <= 55.0


def test_warm_water_is_not_free() -> None:
    """25 to 45 °C triples the flow; pressure grows 8-fold in the table, 9-fold by the square."""
    assert LENOVO[45][0] / LENOVO[25][0] == pytest.approx(3, rel=0.01)
    assert LENOVO[45][1] / LENOVO[25][1] == pytest.approx(8.0, abs=0.01)
    assert coolant.drop_kpa(1, 59, 177) == pytest.approx(9.0)


@pytest.mark.parametrize("supply", LENOVO)
def test_pressure_of_the_table_from_its_first_point(supply: int) -> None:
    """The square is on the safe side of the vendor's own drops, by less than a sixth."""
    flow, psi = LENOVO[supply]
    found = coolant.drop_kpa(2.3, 59, flow)
    assert 1.0 <= found / psi < 1.13


@pytest.mark.parametrize(
    ("key", "density", "heat_capacity", "per_kw"),
    [
        ("water", 0.9956, 4.18, {5: 2.88, 8: 1.80, 10: 1.44, 12: 1.20, 15: 0.96, 20: 0.72}),
        ("pg25", 1.0192, 3.94, {5: 2.99, 8: 1.87, 10: 1.49, 12: 1.25, 15: 1.00, 20: 0.75}),
    ],
)
def test_litres_per_minute_and_kilowatt(
    key: str, density: float, heat_capacity: float, per_kw: dict[int, float]
) -> None:
    found = fluid(key)
    assert found.density_kg_l.at(30) == density
    assert found.heat_capacity_kj_kgk.at(30) == heat_capacity
    for rise, flow in per_kw.items():
        assert coolant.flow_lpm(1, density, heat_capacity, rise) == pytest.approx(flow, abs=0.005)


@pytest.mark.parametrize(
    ("key", "density", "heat_capacity"), [("water", 0.9922, 4.18), ("pg25", 1.0143, 3.96)]
)
def test_figures_at_40(key: str, density: float, heat_capacity: float) -> None:
    assert fluid(key).density_kg_l.at(40) == density
    assert fluid(key).heat_capacity_kj_kgk.at(40) == heat_capacity


def test_the_rule_of_thumb_fits_pg25_at_8_to_12_kelvins() -> None:
    """1.5 L/min a kW, in a range of 1.25 to 2.0 (OCP)."""
    found = [coolant.flow_lpm(1, 1.0192, 3.94, rise) for rise in (8, 10, 12)]
    assert all(1.245 <= flow <= 2.0 for flow in found)
    assert found[1] == pytest.approx(1.5, rel=0.01)


@pytest.mark.parametrize(
    ("air", "humidity", "dew"),
    [(24, 50, 12.9), (27, 60, 18.6), (30, 60, 21.4), (35, 60, 26.1), (40, 80, 35.9)],
)
def test_dew_points(air: float, humidity: float, dew: float) -> None:
    assert coolant.dew_point_c(air, humidity) == pytest.approx(dew, abs=0.05)


def test_bare_pipes_at_17_sweat_and_coolant_stays_above_20_6() -> None:
    dew = coolant.dew_point_c(27, 60)
    assert dew > 17
    assert dew + 2 == pytest.approx(20.6, abs=0.05)


@pytest.mark.parametrize(("litres", "seconds"), [(50, 16), (100, 33), (200, 66), (500, 165)])
def test_time_budget(litres: float, seconds: float) -> None:
    """121.5 kW into PG25, ten kelvins warmer."""
    found = coolant.warming_s(litres, 1.0192, 3.94, 10, 121.5)
    assert found == pytest.approx(seconds, abs=0.6)


def test_hpe_eight_racks() -> None:
    assert pytest.approx(1116) == 8 * 155 * 0.9
    assert coolant.capacity_at_approach(1300, 5, 5) >= 1116


def test_air_heat_that_remains_of_a_rack() -> None:
    """10 to 15 % of 120 to 155 kW: 12 to 23 kW."""
    assert pytest.approx(12) == 120 * 0.10
    assert pytest.approx(23, abs=0.3) == 155 * 0.15


def test_published_mockup_does_not_balance() -> None:
    """42 L/min by 18 K is 52 kW, and the mockup says 25.31: a test of the balance itself."""
    assert coolant.heat_kw(42, 0.9956, 4.18, 18) == pytest.approx(52, abs=0.5)


def test_no_heat_no_hurry() -> None:
    assert coolant.warming_s(10, 1, 4.18, 5, 0) == math.inf
    assert coolant.rise_k(0, 1, 4.18, 0) == 0
    assert coolant.rise_k(1, 1, 4.18, 0) == math.inf


@pytest.mark.parametrize("rise", [0, -1])
def test_no_flow_carries_heat_without_a_rise(rise: float) -> None:
    with pytest.raises(ValueError, match="no flow"):
        coolant.flow_lpm(1, 1, 4.18, rise)


def test_dry_air_has_no_dew_point() -> None:
    with pytest.raises(ValueError, match="humidity"):
        coolant.dew_point_c(27, 0)


@pytest.mark.parametrize(("there", "share"), [(5, 1), (10, 1), (2.5, 0.5), (0, 0), (-3, 0)])
def test_capacity_follows_the_approach_and_never_grows(there: float, share: float) -> None:
    assert coolant.capacity_at_approach(1300, 5, there) == pytest.approx(1300 * share)


heats = st.floats(0.1, 1e5)
rises = st.floats(0.5, 60)


@given(heats, rises)
def test_flow_heat_and_rise_agree(heat: float, rise: float) -> None:
    flow = coolant.flow_lpm(heat, 1.0143, 3.96, rise)
    assert coolant.heat_kw(flow, 1.0143, 3.96, rise) == pytest.approx(heat)
    assert coolant.rise_k(heat, 1.0143, 3.96, flow) == pytest.approx(rise)


@given(st.floats(0, 60), st.floats(1, 100))
def test_dew_point_never_exceeds_the_air(air: float, humidity: float) -> None:
    assert coolant.dew_point_c(air, humidity) <= air + 1e-9


@given(st.floats(0, 60), st.floats(1, 99))
def test_more_humidity_sweats_sooner(air: float, humidity: float) -> None:
    assert coolant.dew_point_c(air, humidity) < coolant.dew_point_c(air, humidity + 1)
