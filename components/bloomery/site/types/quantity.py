"""Numbers with a unit, as people write them: ``135 kW``, ``40 °C``, ``25 %``, ``400 Gb/s``.

A number without a unit is taken in the field's own. The table is short and ours: a
library of units takes longer to import than a whole plan may take.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from bloomery.site.reading.document import shorten
from bloomery.site.reading.fault_texts import refuse

_SCALES: Mapping[str, Mapping[str, float]] = {
    "kW": {"W": 0.001, "kW": 1, "MW": 1000},
    "°C": {"°C": 1, "C": 1},
    "K": {"K": 1},
    "%": {"%": 1},
    "share": {"share": 1, "%": 0.01},
    "Gb/s": {"Mb/s": 0.001, "Gb/s": 1, "Tb/s": 1000},
    "GB/s": {"MB/s": 0.001, "GB/s": 1, "TB/s": 1000, "GiB/s": 2**30 / 1e9},
    "GB": {"MB": 0.001, "GB": 1, "TB": 1000, "PB": 1_000_000},
    "TB": {"GB": 0.001, "TB": 1, "PB": 1000, "EB": 1e6, "TiB": 2**40 / 1e12, "PiB": 2**50 / 1e12},
    "parameters": {"parameters": 1, "M": 1e6, "B": 1e9, "T": 1e12},
    "tokens": {"tokens": 1, "M": 1e6, "B": 1e9, "T": 1e12},
    "TFLOP/s": {"TFLOP/s": 1, "PFLOP/s": 1000},
    "L": {"L": 1, "m3": 1000, "m³": 1000},
    "L/min": {"L/min": 1, "L/s": 60, "m3/h": 1000 / 60, "m³/h": 1000 / 60},
    "kPa": {"Pa": 0.001, "kPa": 1, "bar": 100, "psi": 6.894757},
    "m": {"cm": 0.01, "m": 1, "km": 1000},
    "kg": {"kg": 1, "t": 1000},
    "s": {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400},
    "h": {"min": 1 / 60, "h": 1, "d": 24},
    "d": {"h": 1 / 24, "d": 1},
    "A": {"A": 1},
    "V": {"V": 1, "kV": 1000},
    "um": {"um": 1, "µm": 1, "mm": 1000},
    "L/kWh": {"L/kWh": 1},
    "": {"": 1},
}
"""Unit of a field -> units people may write -> factor. 1 psi is 6.894757 kPa (NIST SP 811)."""


SMALLEST = 1e-9
"""Less than that, in any unit, nothing on a site has: a quotient by such a number would leave what
a number can hold. How much is too much is told by each type below: about a hundred times what the
largest site that is planned has."""


def quantity(unit: str) -> BeforeValidator:
    """A validator that turns text into a number in ``unit``."""
    return BeforeValidator(_reader(unit, _SCALES[unit]))


def _reader(unit: str, scales: Mapping[str, float]) -> Callable[[object], object]:
    def read(written: object) -> object:
        if not isinstance(written, str):
            return written
        found = re.fullmatch(r"([-+]?[0-9.,eE]+(?:[-+][0-9]+)?)\s*([^\s\d_].*)?", written)
        number = _number(found.group(1)) if found else None
        if found is None or number is None or (found.group(2) and not unit):
            what = "a quantity" if unit else "a number"
            raise refuse(f"{shorten(written)} is not {what}" if written else "empty", _hint(unit))
        named = found.group(2) or unit
        if named not in scales:
            raise refuse(
                f"unit {shorten(named)} is not one of this quantity", f"one of {_list(scales)}"
            )
        size = abs(number * scales[named])
        if number and not SMALLEST <= size < math.inf:
            raise refuse(f"{shorten(written)} is outside the accepted range", _hint(unit))
        # Decimal text times a factor: the last bits of the product are noise.
        return float(f"{number * scales[named]:.12g}")

    return read


def _hint(unit: str) -> str:
    if not unit:
        return "the number alone, without a unit"
    return "85 %, or 0.85" if unit == "share" else f"a number and {unit}: 12 {unit}"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _list(scales: Mapping[str, float]) -> str:
    return ", ".join(scales)


Kilowatts = Annotated[float, quantity("kW"), Field(gt=0, le=10_000_000)]
Celsius = Annotated[float, quantity("°C"), Field(ge=-40, le=120)]
Kelvin = Annotated[float, quantity("K"), Field(gt=0, le=100)]
Share = Annotated[float, quantity("share"), Field(ge=0, le=1)]
"""Part of one, 0 to 1; people write it as percent too: ``85 %``."""
Percent = Annotated[float, quantity("%"), Field(ge=0, le=100)]
GigabitsPerSecond = Annotated[float, quantity("Gb/s"), Field(gt=0, le=100_000)]
GigabytesPerSecond = Annotated[float, quantity("GB/s"), Field(gt=0, le=1_000_000)]
Gigabytes = Annotated[float, quantity("GB"), Field(gt=0, le=1e9)]
Terabytes = Annotated[float, quantity("TB"), Field(gt=0, le=1e9)]
Litres = Annotated[float, quantity("L"), Field(gt=0, le=1e7)]
LitresPerMinute = Annotated[float, quantity("L/min"), Field(gt=0, le=1_000_000)]
Kilopascals = Annotated[float, quantity("kPa"), Field(gt=0, le=100_000)]
Metres = Annotated[float, quantity("m"), Field(gt=0, le=100_000)]
Kilograms = Annotated[float, quantity("kg"), Field(gt=0, le=1_000_000)]
Seconds = Annotated[float, quantity("s"), Field(gt=0, le=366 * 86_400)]
Hours = Annotated[float, quantity("h"), Field(gt=0, le=1e8)]
"""A mean time between failures of one part may be thousands of years."""
Days = Annotated[float, quantity("d"), Field(gt=0, le=36_600)]
Amperes = Annotated[float, quantity("A"), Field(gt=0, le=10_000)]
Volts = Annotated[float, quantity("V"), Field(gt=0, le=1_000_000)]
Micrometres = Annotated[float, quantity("um"), Field(gt=0, le=100_000)]
Parameters = Annotated[float, quantity("parameters"), Field(gt=0, le=1e17)]
Tokens = Annotated[float, quantity("tokens"), Field(gt=0, le=1e19)]
Teraflops = Annotated[float, quantity("TFLOP/s"), Field(gt=0, le=1_000_000)]
LitresPerKilowattHour = Annotated[float, quantity("L/kWh"), Field(ge=0, le=1000)]
Number = Annotated[float, quantity(""), Field(gt=0, le=1e12)]
"""A number without a unit, more than zero."""
NumberOrZero = Annotated[float, quantity(""), Field(ge=0, le=1e12)]
Price = Annotated[float, quantity(""), Field(ge=0, le=1e15)]
"""An amount in the site's currency, zero where nothing is paid."""
