"""What occupies units of a rack-scale rack beside its compute trays: bought with the rack."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from bloomery.catalogue.figure import Figure, read_folder
from bloomery.catalogue.netbox import Made

PartKind = Literal["nvlink", "shelf"]
"""NVLink switch tray, or power shelf."""


class RackPart(Made):
    """One model of such a part. Power and heat of it are in the figures of the whole rack."""

    key: str
    """Name by which a rack names it, for example ``nvlink-5-tray``."""
    title: str
    kind: PartKind
    port: str
    """Its port in the network out of band, as it is printed."""
    height_u: Figure
    """Rack units it occupies."""


@cache
def rack_parts() -> Mapping[str, RackPart]:
    """All parts by key, sorted. Raises pydantic.ValidationError on bad data."""
    return {key: RackPart.model_validate(data) for key, data in read_folder("rack_parts").items()}


def rack_part(key: str) -> RackPart:
    """The part ``key``; KeyError where the catalogue has none."""
    return rack_parts()[key]
