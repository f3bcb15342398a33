"""PDU models: the circuits a rack can be fed by."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from bloomery.catalogue.figure import Figure, read_folder
from bloomery.catalogue.netbox import Made


class PduModel(Made):
    """One model of rack PDU: what its input circuit is. It stands upright and takes no units."""

    key: str
    """Name a site orders it by, for example ``pdu-415v-60a``."""
    title: str
    """What it is, in a line."""
    volts: Figure
    """Between two lines of a three-phase input; of the input itself where single-phase, V."""
    amps: Figure
    """Rating of the breaker it hangs on, A."""
    phases: Figure
    """1 or 3."""
    wiring: Literal["wye", "delta"]
    """Whether its outlets lie between line and neutral or between two lines."""
    continuous: Figure | None = None
    """Share of the rating allowed over time; none where the rule is the site's to name."""
    weight_kg: Figure | None = None
    """Weight, kg."""


@cache
def pdu_models() -> Mapping[str, PduModel]:
    """All PDU models by key, sorted. Raises pydantic.ValidationError on bad data."""
    return {key: PduModel.model_validate(data) for key, data in read_folder("pdus").items()}


def pdu_model(key: str) -> PduModel:
    """The PDU model ``key``; KeyError where the catalogue has none."""
    return pdu_models()[key]
