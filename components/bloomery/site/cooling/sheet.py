"""Loops, CDUs, facility water."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from bloomery.catalogue.cdu import cdu_models
from bloomery.catalogue.fluid import fluids
from bloomery.site.reading.fault_texts import refuse, suggest
from bloomery.site.types.name_range import RackRange
from bloomery.site.types.part import Part
from bloomery.site.types.quantity import (
    Celsius,
    Kelvin,
    Kilograms,
    Kilopascals,
    Kilowatts,
    Litres,
    LitresPerMinute,
    Micrometres,
    Number,
    Seconds,
)
from bloomery.site.types.text_types import Name, RackName, Text
from bloomery.site.types.whole_number import Count, CountOrZero, RackUnits

WaterClass = Literal["W17", "W27", "W32", "W40", "W45", "W+"]

CLASS_C: Mapping[WaterClass, float] = {"W17": 17, "W27": 27, "W32": 32, "W40": 40, "W45": 45}
"""ASHRAE class of facility water -> warmest supply it allows, degrees Celsius; ``W+`` has none."""

COLDEST_C = 2.0
"""Coldest facility water of every ASHRAE class, degrees Celsius."""

RETURN_LIMIT_C = 55.0
"""Warmest return by default, degrees Celsius: Lenovo's flows for GB300 NVL72 at 25 to 45 °C all
come to 54.8 to 55.0 °C return, so that is the ceiling the vendor designs by."""

SUPPLY_LIMIT_C = 45.0
"""Warmest coolant supply by default, degrees Celsius: class S45 of the GB300 NVL72 (Lenovo)."""

COUPLING_STATIC_KPA = 206.84
"""Static pressure quick disconnects may be mated under, kPa: 30 psi (Lenovo, GB300 NVL72)."""

Valve = Literal["agent", "bms", "none"]
"""Who can close the valve of a rack."""


def _fluid(key: str) -> str:
    if key not in fluids():
        raise refuse(f"unknown fluid {key!r}", suggest(key, fluids(), "fluids"))
    return key


def _cdu(key: str) -> str:
    if key not in cdu_models():
        raise refuse(f"unknown CDU {key!r}", suggest(key, cdu_models(), "CDUs"))
    return key


FluidKey = Annotated[str, AfterValidator(_fluid)]
CduKey = Annotated[str, AfterValidator(_cdu)]


class FacilityWater(Part):
    """Water the building brings (FWS)."""

    name: Name = Field(examples=["fws"])
    water_class: WaterClass = Field(alias="class", examples=["W32"])
    """ASHRAE class it is ordered in: an envelope, not a setpoint."""
    supply_max_c: Celsius = Field(examples=["30 °C"])
    """Warmest supply in the worst hour of the year."""
    supply_min_c: Celsius | None = None
    """Coldest supply; left out, the coldest of its class."""
    insulated: bool = False
    """Whether its pipes are insulated against condensation."""

    @field_validator("supply_max_c")
    @classmethod
    def _in_class(cls, supply: float, info: ValidationInfo) -> float:
        limit = CLASS_C.get(info.data.get("water_class", "W+"))
        if limit is not None and supply > limit:
            wider = [key for key, warmest in CLASS_C.items() if supply <= warmest]
            hint = f"class {wider[0] if wider else 'W+'} allows it"
            raise refuse(f"{supply:g} °C is warmer than {limit:g} °C of its class", hint)
        return supply

    @field_validator("supply_min_c")
    @classmethod
    def _colder(cls, coldest: float | None, info: ValidationInfo) -> float | None:
        warmest = info.data.get("supply_max_c")
        if coldest is not None and warmest is not None and coldest > warmest:
            raise refuse(f"{coldest:g} °C is above supply_max_c", f"at most {warmest:g}")
        if coldest is not None and coldest < COLDEST_C:
            raise refuse(f"{coldest:g} °C is too cold", f"every class begins at {COLDEST_C:g} °C")
        return coldest


class Cdus(Part):
    """CDUs of one model on one loop."""

    model: CduKey = Field(examples=["row-1300kw"])
    names: tuple[Name, ...] = ()
    """Names; left out, they are called after the loop: ``tcs-cdu-1``."""
    count: Count | None = Field(default=None, le=99)
    """How many, where there are no names."""
    capacity_kw: Kilowatts | None = None
    """Heat one moves at ``approach_k``; over the catalogue's."""
    approach_k: Kelvin | None = None
    """Coolant supply above facility water at that heat; over the catalogue's."""
    flow_lpm: LitresPerMinute | None = None
    """Most coolant one moves at ``head_kpa``; over the catalogue's."""
    head_kpa: Kilopascals | None = None
    """Pressure one leaves for the loop at that flow; over the catalogue's."""
    pumps: Count | None = Field(default=None, le=99)
    pumps_needed: Count | None = Field(default=None, le=99)
    """Pumps that must work for full flow."""
    power_kw: Kilowatts | None = None
    feeds: tuple[Name, ...] = Field(min_length=1, examples=["[ups-a, ups-b]"])
    """Names of the sources that feed pumps and controls."""
    rack: RackName | None = None
    """Rack it stands in; left out for one that stands in a row by itself."""
    unit: RackUnits | None = None
    """Lowest rack unit it occupies there."""
    height_u: RackUnits | None = None
    """Rack units it occupies there; over the catalogue's."""
    weight_kg: Kilograms | None = None
    """Weight with coolant; over the catalogue's."""

    @field_validator("count")
    @classmethod
    def _one_of_both(cls, count: int | None, info: ValidationInfo) -> int | None:
        names = info.data.get("names", ())
        if count is not None and names and count != len(names):
            raise refuse(f"{count} where {len(names)} names are given", "remove one of them")
        return count

    @field_validator("pumps_needed")
    @classmethod
    def _pumps_there(cls, needed: int | None, info: ValidationInfo) -> int | None:
        pumps = info.data.get("pumps")
        if needed is not None and pumps is not None and needed > pumps:
            raise refuse(f"{needed} pumps are needed where {pumps} are there", f"at most {pumps}")
        return needed

    @field_validator("names", "feeds")
    @classmethod
    def _once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise refuse("a name is listed twice", "list each once")
        return names

    def called(self, loop: str) -> tuple[str, ...]:
        """Names of these CDUs on the loop called ``loop``."""
        numbers = range(1, (self.count or 1) + 1)
        return self.names or tuple(f"{loop}-cdu-{number}" for number in numbers)


class RackPath(Part):
    """The coolant's way through one rack: manifolds, hoses and cold plates."""

    drop_kpa: Kilopascals = Field(examples=["15.9 kPa"])
    """Pressure one rack takes at ``drop_lpm``."""
    drop_lpm: LitresPerMinute = Field(examples=["59 L/min"])
    flow_limit_lpm: LitresPerMinute | None = None
    """Highest flow its specification allows; left out, a rule gives a warning."""
    volume_l: Litres | None = None
    """Coolant inside trays and cold plates, all that is left when the flow stops."""


class Pressures(Part):
    """Pressures in the loop."""

    pipe_drop_kpa: Kilopascals = Field(examples=["60 kPa"])
    """Pressure the pipework, filter and valves take at ``pipe_drop_lpm``."""
    pipe_drop_lpm: LitresPerMinute = Field(examples=["700 L/min"])
    static_kpa: Kilopascals = Field(examples=["120 kPa"])
    """Static head: fill pressure and height, with the pumps off."""
    rated_kpa: Kilopascals = Field(examples=["500 kPa"])
    """Lowest pressure rating of any part."""
    coupling_static_kpa: Kilopascals = COUPLING_STATIC_KPA
    """Static pressure quick disconnects may be mated under."""


class Leaks(Part):
    """Leak sensors and valves of the loop's racks."""

    rack_sensor: bool = Field(examples=["true"])
    """Whether every rack has a leak sensor of its own (rope or spot)."""
    tray_detectors: CountOrZero = Field(le=16, examples=[4])
    """Leak detectors of every machine."""
    valve: Valve = Field(examples=["agent"])
    """Who can close the valve of each rack."""
    valves: Mapping[RackName, Valve] = Field(default_factory=dict)
    """Racks where that differs."""
    bms_names: Mapping[RackName, Text] = Field(default_factory=dict)
    """Racks the facility's own system calls by another name."""


class Response(Part):
    """How long it takes from a fault to machines without power."""

    detect_s: Seconds = Field(examples=["5 s"])
    """Until the fault is seen: poll interval and debounce."""
    decide_s: Seconds = Field(examples=["1 s"])
    """Until it is decided what to do."""
    power_off_s: Seconds = Field(examples=["20 s"])
    """Until every machine concerned is off."""
    flow_loss: Literal["hardware", "agent"] = Field(examples=["hardware"])
    """First response to flow loss: GPU throttling in hardware, or the agent."""


class Loop(Part):
    """One technology coolant loop (TCS)."""

    name: Name = Field(examples=["tcs"])
    racks: tuple[RackRange, ...] = Field(min_length=1, examples=["[r01..r08]"])
    cdus: tuple[Cdus, ...] = Field(min_length=1)
    facility_water: Name | None = None
    """Facility water of its CDUs; left out where there is only one, or none is needed."""
    supply_limit_c: Celsius = SUPPLY_LIMIT_C
    """Warmest supply the machines allow."""
    return_limit_c: Celsius = RETURN_LIMIT_C
    """Warmest return the machines allow."""
    supply_c: Celsius = Field(examples=["35 °C"])
    """Setpoint of the supply."""
    supply_min_c: Celsius = Field(examples=["32 °C"])
    """Coldest supply the controls allow."""
    return_c: Celsius | None = None
    """Return at peak heat that the flow is planned for; left out, the limit itself, which
    leaves no time when cooling fails."""
    density_kg_l: Number | None = Field(default=None, le=20, examples=["1.0143"])
    """Density of the coolant by its supplier's sheet; over the catalogue's."""
    heat_capacity_kj_kgk: Number | None = Field(default=None, le=20, examples=["3.96"])
    """Specific heat of the coolant by its supplier's sheet; over the catalogue's."""
    fluid: FluidKey = Field(examples=["pg25"])
    rated_fluids: tuple[FluidKey, ...] = Field(min_length=1, examples=["[water, pg25]"])
    """Fluids every wetted part is rated for."""
    materials: tuple[Text, ...] = Field(min_length=1, examples=["[copper, stainless steel, EPDM]"])
    """Every wetted material."""
    filter_um: Micrometres = Field(examples=["50 um"])
    """Mesh of the filter."""
    volume_l: Litres = Field(examples=["1500 L"])
    """Coolant in the whole loop."""
    rack_path: RackPath
    pressures: Pressures
    leaks: Leaks
    response: Response

    @property
    def planned_return_c(self) -> float:
        """Return at peak heat that the flow is planned for, °C."""
        return self.return_limit_c if self.return_c is None else self.return_c

    @property
    def air_cooled(self) -> bool:
        """Whether its CDUs give their heat to the air of the hall."""
        return all(cdu_models()[group.model].exchanger == "air" for group in self.cdus)

    @field_validator("supply_c")
    @classmethod
    def _below_limits(cls, supply: float, info: ValidationInfo) -> float:
        warmest = info.data.get("return_limit_c")
        if warmest is not None and supply >= warmest:
            reason = f"{supply:g} °C is not below return_limit_c {warmest:g} °C"
            raise refuse(reason, "the return must be warmer than the supply")
        return supply

    @field_validator("supply_min_c")
    @classmethod
    def _colder(cls, coldest: float, info: ValidationInfo) -> float:
        supply = info.data.get("supply_c")
        if supply is not None and coldest > supply:
            raise refuse(f"{coldest:g} °C is above supply_c", f"at most {supply:g}")
        return coldest

    @field_validator("return_c")
    @classmethod
    def _between(cls, back: float | None, info: ValidationInfo) -> float | None:
        supply, limit = info.data.get("supply_c"), info.data.get("return_limit_c")
        if back is None or supply is None or limit is None:
            return back
        if not supply < back <= limit:
            raise refuse(f"{back:g} °C is not a return", f"above {supply:g}, at most {limit:g} °C")
        return back

    @field_validator("heat_capacity_kj_kgk")
    @classmethod
    def _both(cls, heat: float | None, info: ValidationInfo) -> float | None:
        if heat is not None and info.data.get("density_kg_l") is None:
            raise refuse("given without density_kg_l", "give both, from one sheet")
        return heat

    @field_validator("fluid")
    @classmethod
    def _known_there(cls, key: str, info: ValidationInfo) -> str:
        found, mean = fluids()[key], mean_c(info.data)
        own = info.data.get("density_kg_l") and info.data.get("heat_capacity_kj_kgk")
        if mean is None or own or found.lowest_c <= mean <= found.highest_c:
            return key
        raise refuse(
            f"{key} at {mean:g} °C, the mean of supply and return, has no source"
            f" (known from {found.lowest_c:g} to {found.highest_c:g} °C)",
            "give density_kg_l and heat_capacity_kj_kgk at that temperature",
        )


def mean_c(loop: Mapping[str, float | None]) -> float | None:
    """Mean of supply and planned return, at which the coolant's figures are taken."""
    supply = loop.get("supply_c")
    back = loop.get("return_c") or loop.get("return_limit_c")
    return (supply + back) / 2 if supply is not None and back is not None else None


class CoolingSheet(Part):
    """Coolant of the site."""

    facility_water: tuple[FacilityWater, ...] = ()
    loops: tuple[Loop, ...] = Field(min_length=1)
