"""Energy, water and peak demand over one year, from the site's own ratios.

PUE counts energy at the meter per IT energy (ISO/IEC 30134-2); WUE counts litres per kWh
of *IT* energy (ISO/IEC 30134-9), so it is never multiplied by PUE again. No source shows
PUE against load: what comes out is an annual
estimate. What it costs is for ``plan/cost.py``.
"""

from __future__ import annotations

HOURS_A_YEAR = 8760
"""Hours of a year of 365 days."""


def it_energy_mwh(it_kw: float, load_factor: float) -> float:
    """Energy of the IT over one year, MWh. ``it_kw`` is its full load, ``load_factor`` 0 to 1."""
    return it_kw * HOURS_A_YEAR * load_factor / 1000


def facility_energy_mwh(it_kw: float, load_factor: float, pue: float) -> float:
    """Energy at the meter over one year, MWh. Raises ValueError for a PUE below 1."""
    if pue < 1:
        raise ValueError(f"PUE {pue} is below 1: a site cannot draw less than its IT")
    return it_energy_mwh(it_kw, load_factor) * pue


def water_m3(it_kw: float, load_factor: float, wue_l_kwh: float) -> float:
    """Water over one year, cubic metres. Litres per kWh of IT are m3 per MWh of IT."""
    return it_energy_mwh(it_kw, load_factor) * wue_l_kwh


def demand_kw(it_kw: float, pue: float) -> float:
    """Peak demand at the meter, kW. PUE at full load is taken as its annual mean."""
    return it_kw * pue
