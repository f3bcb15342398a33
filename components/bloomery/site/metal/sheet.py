"""Halls, racks and pools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bloomery.catalogue.software import NodeMode
from bloomery.site.facility.power import Feed
from bloomery.site.metal.host_ports import HcaMapping, PortNames
from bloomery.site.metal.numbers import MOST
from bloomery.site.metal.os_disk import OsDisk
from bloomery.site.metal.personality import PersonalityName
from bloomery.site.types.name_range import RackRange, expand
from bloomery.site.types.part import Part
from bloomery.site.types.quantity import Celsius, Kilograms, Kilowatts, Percent, Share
from bloomery.site.types.text_types import ModelKey, Name, RowName, Text
from bloomery.site.types.unit_range import UnitRange
from bloomery.site.types.whole_number import Count, CountOrZero, RackUnits

Purpose = Literal["management", "training", "serving"]


class Hall(Part):
    """One room and its air."""

    name: Name = Field(examples=["hall-1"])
    air_kw: Kilowatts = Field(examples=["200 kW"])
    """Heat its air handlers take with the largest of them out."""
    temperature_max_c: Celsius = Field(examples=["27 °C"])
    """Warmest room air the site allows."""
    humidity_max_percent: Percent = Field(examples=["60 %"])
    """Highest relative humidity at that temperature."""


class Rack(Part):
    """One rack, or a span of equal ones: ``A01..A16``, ``dh1-a-01..dh1-a-16``."""

    name: RackRange = Field(examples=["r01"])
    number: Annotated[Count, Field(le=MOST)] | None = None
    """What addresses follow from; the first of a span, which counts on. Left out: that of a plain
    name (``r16``: 16) where no rack above has it, else one more than the highest above."""
    units: RackUnits = Field(examples=[48])
    power_kw: Kilowatts = Field(examples=["40 kW"])
    """Power limit of its feeds after derating, kW."""
    hall: Name | None = None
    """Left out: the only hall there is."""
    row: RowName | None = None
    """Row it stands in; racks of one row stand side by side."""
    place: CountOrZero = Field(default=0, le=9999)
    """Position in its row, counted from 1; the first of a span, which counts on. 0: not given."""
    weight_limit_kg: Kilograms | None = None
    """Load limit of floor and rack, without the rack's own weight."""
    feeds: tuple[Feed, ...] = ()
    nvlink_units: tuple[UnitRange, ...] = Field(default=(), examples=["[21..29]"])
    """Units of the NVLink switch trays of a rack-scale rack, from the bottom up: builds differ."""
    shelf_units: tuple[UnitRange, ...] = Field(default=(), examples=["[7..10, 38..41]"])
    """Units of its power shelves, from the bottom up."""


def _each(racks: tuple[Rack, ...]) -> tuple[Rack, ...]:
    """Every rack by itself: from here on nobody knows how they were written."""
    return tuple(single for rack in racks for single in _singles(rack))


def _singles(rack: Rack) -> tuple[Rack, ...]:
    names = expand(rack.name)
    if names == (rack.name,):
        return (rack,)
    return tuple(rack.model_copy(update=_counted(rack, name, at)) for at, name in enumerate(names))


def _counted(rack: Rack, name: str, at: int) -> Mapping[str, object]:
    """What differs in rack ``at`` of a span, from 0."""
    number = None if rack.number is None else rack.number + at
    return {"name": name, "number": number, "place": rack.place + at if rack.place else 0}


Racks = Annotated[tuple[Rack, ...], Field(min_length=1), AfterValidator(_each)]
"""Racks as written; spans come out as single racks."""


class Pool(Part):
    """Machines of one model and one purpose.

    The figures are for models that the catalogue gives none for, or for a vendor's own
    build that differs; for a rack-scale model they are a compute tray's share of the rack.
    """

    name: Name = Field(examples=["train"])
    model: ModelKey = Field(examples=["dgx-b200"])
    purpose: Purpose = Field(examples=["training"])
    personality: PersonalityName | None = None
    """As what the BMCs of a lab show themselves. Left out: ``standard``. On metal: not allowed."""
    node_mode: NodeMode = "bare-metal"
    """``bare-metal``: jobs run on its machines themselves. ``vm``: they give their devices to
    virtual machines. Decides kernel parameters where the release has a software set."""
    media_transport: Literal["https", "http"] = "https"
    """How its BMCs read media. ``http``: those that know no TLS, in the BMC network alone, with the
    medium signed and its seed sealed; docs/media.md says what that does not protect against."""
    bios: Mapping[str, Text] = Field(default_factory=dict)
    """BIOS attributes that must hold, over those of the model."""
    allow_unproven: bool = False
    """Whether its machines may be installed although nothing proves that BMCs of their model can be
    driven; ``docs/bmcs.md``. It goes with the model: another one has to be allowed anew."""
    os_disk: OsDisk = OsDisk()
    """Left out: one plain disk. Another layout is laid by an installation only."""
    secure_boot: bool = False
    """Whether the firmware must enforce Secure Boot: sets what the model's BIOS calls it, where the
    catalogue knows that, and a machine without it is neither installed nor taken for ready."""
    power_kw: Kilowatts | None = None
    """Most one machine draws over time."""
    peak_kw: Kilowatts | None = None
    """Most one machine draws for moments; not below ``power_kw``."""
    height_u: RackUnits | None = None
    weight_kg: Kilograms | None = None
    liquid_share: Share | None = None
    """Share of its heat that goes to liquid."""
    psus: Annotated[Count, Field(le=64)] | None = None
    psus_needed: Annotated[Count, Field(le=64)] | None = None
    """Power supplies that must work for full load."""
    psu_kw: Kilowatts | None = None
    """Rating of one power supply."""
    shelves: Annotated[Count, Field(le=64)] | None = None
    """Power shelves of the whole rack, for a rack-scale model."""
    shelf_kw: Kilowatts | None = None
    """Rating of one power shelf."""
    hca_mapping: HcaMapping | None = None
    """Adapters of its machines. Left out: as the catalogue has them of the model; else these and no
    others."""
    port_names: PortNames | None = None
    """Network interfaces of its machines. Left out: those of the adapters, where they are known."""
