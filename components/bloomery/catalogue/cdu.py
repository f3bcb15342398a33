"""Coolant distribution units: how much heat and flow one of them moves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from bloomery.catalogue.figure import Figure, read_folder
from bloomery.catalogue.netbox import Made


class CduModel(Made):
    """One model of CDU. What is left out here, a site that orders it must give."""

    key: str
    """Name a site orders it by, for example ``row-1300kw``."""
    title: str
    exchanger: Literal["liquid", "air"]
    """What it gives its heat to: facility water, or the air of the hall."""
    capacity_kw: Figure | None = None
    """Heat it moves at ``approach_k``, kW."""
    approach_k: Figure | None = None
    """Coolant supply above facility water (or hall air) at that heat, K."""
    flow_lpm: Figure | None = None
    """Most coolant it moves at ``head_kpa``, L/min."""
    head_kpa: Figure | None = None
    """Pressure left for the loop at that flow, kPa."""
    pumps: Figure | None = None
    """Number of pumps."""
    pumps_needed: Figure | None = None
    """Pumps that must work for full flow."""
    power_kw: Figure | None = None
    """Most it draws, kW."""
    weight_kg: Figure | None = None
    """Weight with coolant, kg."""
    height_u: Figure | None = None
    """Rack units it occupies; left out for one that stands in a row by itself."""


@cache
def cdu_models() -> Mapping[str, CduModel]:
    """All CDU models by key, sorted. Raises pydantic.ValidationError on bad data."""
    return {key: CduModel.model_validate(data) for key, data in read_folder("cdus").items()}


def cdu_model(key: str) -> CduModel:
    """The CDU model ``key``; KeyError where the catalogue has none."""
    return cdu_models()[key]
