"""What feeds the racks: sources from utility to PDU, and the circuits that reach a rack.

Power is real power, kW; a rating in kVA times ``power_factor`` is what to write here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bloomery.site.types.part import Part
from bloomery.site.types.quantity import Amperes, Kilowatts, Seconds, Share, Volts
from bloomery.site.types.text_types import Name, PduKey
from bloomery.site.types.whole_number import Count

SourceKind = Literal["utility", "generator", "ats", "ups", "switchboard", "panel", "busway", "pdu"]

Side = Literal["A", "B", "C", "D"]
"""What fails together. Two are common; machines of 4+2 supplies want three."""

Wiring = Literal["wye", "delta"]


class Source(Part):
    """One piece of the power tree."""

    name: Name = Field(examples=["ups-a"])
    kind: SourceKind = Field(examples=["ups"])
    capacity_kw: Kilowatts = Field(examples=["1200 kW"])
    """Real power it can give over time."""
    parent: Name | None = None
    """Source that feeds it; a root has none."""
    standby: Name | None = None
    """Source that takes its load over when its parent is lost: a generator behind an ATS."""
    side: Side | None = None
    """Written where the tree splits; all below inherit it."""
    loss: Annotated[Share, Field(lt=1)] = 0.0
    """Share of its input that it loses."""
    backed: bool = False
    """Whether it is behind a UPS that is not in this list; below a UPS of the list it is anyway."""
    transfer_s: Seconds | None = None
    """Longest gap of an ATS between its two inputs, s."""
    capped_by: Name | None = None
    """Controller that caps the load to its capacity, where the site oversubscribes it."""


class Circuit(Part):
    """One type of circuit: a breaker and its load."""

    name: Name = Field(examples=["three-phase-60a"])
    pdu: PduKey | None = None
    """PDU model of the catalogue; the figures below are taken from it where left out."""
    volts: Volts | None = None
    """Between two lines of a three-phase circuit; of the circuit itself where single-phase."""
    amps: Amperes | None = None
    """Rating of the breaker."""
    phases: Annotated[Count, Field(le=3)] | None = None
    wiring: Wiring | None = None
    """``wye``: loads from line to neutral. ``delta``: from line to line."""
    continuous: Annotated[Share, Field(gt=0)] | None = None
    """Share of the rating allowed over time: 80 % under the NEC, up to 100 % elsewhere."""


class Feed(Part):
    """The circuits that bring one source to one rack."""

    source: Name = Field(examples=["panel-a1"])
    circuit: Name = Field(examples=["three-phase-60a"])
    """Type of circuit, by its name in ``power.circuits``."""
    count: Count = Field(default=1, le=16)
    """Equal circuits side by side."""


class PowerSheet(Part):
    """Power of the site."""

    power_factor: Annotated[Share, Field(gt=0)] = Field(examples=["95 %"])
    """Real over apparent power of the load."""
    sources: tuple[Source, ...] = Field(min_length=1)
    circuits: tuple[Circuit, ...] = Field(min_length=1)
    feed_loss: Literal["full", "degraded"] = "full"
    """Whether machines must keep full load when a side is lost, or may run ``degraded`` on
    the supplies that are left. Breakers hold in either case."""
