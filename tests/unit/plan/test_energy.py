"""Energy, water and cost of a year against sums done by hand."""

from __future__ import annotations

import pytest

from bloomery.catalogue.plant import plants
from bloomery.plan import energy


def test_energy_of_a_year() -> None:
    """1 MW at 80 % for 8760 h is 7008 MWh; a PUE of 1.25 makes it 8760."""
    assert energy.it_energy_mwh(1000, 0.8) == pytest.approx(7008)
    assert energy.facility_energy_mwh(1000, 0.8, 1.25) == pytest.approx(8760)


def test_water_is_per_it_energy() -> None:
    """Not multiplied by PUE again: WUE is litres per kWh of IT."""
    assert energy.water_m3(1000, 0.8, 0.23) == pytest.approx(7008 * 0.23)


def test_peak_demand_is_that_of_the_meter() -> None:
    assert energy.demand_kw(1000, 1.25) == pytest.approx(1250)


def test_a_site_draws_no_less_than_its_it() -> None:
    with pytest.raises(ValueError, match="below 1"):
        energy.facility_energy_mwh(1000, 0.8, 0.9)


@pytest.mark.parametrize(
    ("key", "low", "median", "high"),
    [
        ("liquid-dry-cooler", 1.073, 1.093, 1.118),
        ("liquid-economiser", 1.098, 1.133, 1.164),
        ("air-economiser", 1.093, 1.118, 1.143),
        ("air-chiller", 1.722, 1.828, 1.959),
    ],
)
def test_published_pue(key: str, low: float, median: float, high: float) -> None:
    found = plants()[key]
    assert found.pue_low is not None
    assert found.pue is not None
    assert found.pue_high is not None
    assert (found.pue_low.value, found.pue.value, found.pue_high.value) == (low, median, high)


@pytest.mark.parametrize(
    ("key", "wue"), [("dry-adiabatic", 0.23), ("air-economiser", 2.18), ("water-chiller", 2.89)]
)
def test_published_wue(key: str, wue: float) -> None:
    found = plants()[key].wue_l_kwh
    assert found is not None
    assert found.value == wue
