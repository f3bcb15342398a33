"""Units of a rack, written as a range: ``21..29`` is U21, U22, and so on to U29."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

from bloomery.site.reading.document import shorten
from bloomery.site.reading.fault_texts import refuse

UNIT_RANGE = re.compile(r"(?P<first>[0-9]{1,3})(?:\.\.(?P<last>[0-9]{1,3}))?")
"""One unit, or two with two dots between them."""


def expand_units(written: str) -> tuple[int, ...]:
    """Units that ``written`` stands for. Raises PydanticCustomError for what is no span."""
    found = UNIT_RANGE.fullmatch(written)
    if found is None:
        hint = "a unit or a span of units: 21 or 21..29"
        raise refuse(f"{shorten(written)} is no unit" if written else "empty", hint)
    first = int(found["first"])
    last = int(found["last"] or first)
    if not first:
        raise refuse("unit 0", "units are counted from 1 at the bottom")
    if last < first:
        raise refuse(f"{written!r} is in descending order", "the lower unit comes first")
    return tuple(range(first, last + 1))


def expand_all_units(written: Iterable[str]) -> tuple[int, ...]:
    """All units of a list of units and spans, in the order they are written."""
    return tuple(unit for item in written for unit in expand_units(item))


def _unit_or_range(text: str) -> str:
    expand_units(text)
    return text


UnitRange = Annotated[str, AfterValidator(_unit_or_range)]
"""A unit of a rack, or a span of them."""
