"""Coolants: what a litre weighs and how much heat it carries."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from functools import cache

from pydantic import Field, field_validator

from bloomery.catalogue.figure import Entry, read_folder


class Curve(Entry):
    """A figure that changes with temperature: points from one source, straight lines between."""

    source: str = Field(min_length=8)
    """Document and section the points were taken from."""
    points: Mapping[float, float] = Field(min_length=2)
    """Temperature in degrees Celsius -> the figure."""

    @field_validator("points")
    @classmethod
    def _ordered(cls, points: Mapping[float, float]) -> dict[float, float]:
        return dict(sorted(points.items()))

    @property
    def lowest_c(self) -> float:
        """Coldest temperature a point is known for."""
        return next(iter(self.points))

    @property
    def highest_c(self) -> float:
        """Warmest temperature a point is known for."""
        return next(reversed(dict(self.points)))

    def at(self, celsius: float) -> float:
        """The figure at ``celsius``. Raises ValueError outside the points: nothing is guessed."""
        if not self.lowest_c <= celsius <= self.highest_c:
            raise ValueError(
                f"{celsius:g} °C is outside {self.lowest_c:g} to {self.highest_c:g} °C"
            )
        known = list(self.points)
        place = bisect_left(known, celsius)
        upper = known[place]
        if upper == celsius:
            return self.points[upper]
        lower = known[place - 1]
        share = (celsius - lower) / (upper - lower)
        return self.points[lower] + share * (self.points[upper] - self.points[lower])


class Fluid(Entry):
    """One coolant."""

    key: str
    """Name a site orders it by, for example ``pg25``."""
    title: str
    glycol: bool
    """Whether every wetted part must be rated for glycol."""
    density_kg_l: Curve
    """Density, kg/L."""
    heat_capacity_kj_kgk: Curve
    """Specific heat, kJ/(kg K)."""

    @property
    def lowest_c(self) -> float:
        """Coldest temperature both figures are known for."""
        return max(self.density_kg_l.lowest_c, self.heat_capacity_kj_kgk.lowest_c)

    @property
    def highest_c(self) -> float:
        """Warmest temperature both figures are known for."""
        return min(self.density_kg_l.highest_c, self.heat_capacity_kj_kgk.highest_c)


@cache
def fluids() -> Mapping[str, Fluid]:
    """All coolants by key, sorted. Raises pydantic.ValidationError on bad data."""
    return {key: Fluid.model_validate(data) for key, data in read_folder("fluids").items()}


def fluid(key: str) -> Fluid:
    """The coolant ``key``; KeyError where the catalogue has none."""
    return fluids()[key]
