"""Ways to reject heat, and the energy and water they take as published."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from bloomery.catalogue.figure import Entry, Figure, read_folder


class Plant(Entry):
    """One way to reject heat. Published figures to compare a site's own with, never a default."""

    key: str
    title: str
    pue_low: Figure | None = None
    """First quartile of annual PUE."""
    pue: Figure | None = None
    """Median of annual PUE."""
    pue_high: Figure | None = None
    """Third quartile of annual PUE."""
    wue_l_kwh: Figure | None = None
    """Median of annual WUE, litres per kWh of IT."""


@cache
def plants() -> Mapping[str, Plant]:
    """All ways by key, sorted. Raises pydantic.ValidationError on bad data."""
    return {key: Plant.model_validate(data) for key, data in read_folder("plants").items()}
