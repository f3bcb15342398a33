"""Names in a row, written as a range: ``r01..r08`` is r01, r02, and so on to r08."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

from bloomery.site.reading.fault_texts import refuse

NAME_RANGE = re.compile(
    r"(?P<head>[a-z][a-z-]*)(?P<first>[0-9]{1,4})\.\.(?P<again>[a-z][a-z-]*)(?P<last>[0-9]{1,4})"
)
"""Two rack names with two dots between them."""

RACK_OR_RANGE = re.compile(rf"[a-z][a-z-]*[0-9]{{1,4}}|{NAME_RANGE.pattern}")
"""A rack name, or a span of them."""


def expand(written: str) -> tuple[str, ...]:
    """Rack names that ``written`` stands for: those of a span, or the one name itself.

    Numbers are written as wide as the first of them: ``r001..r128``. Raises
    PydanticCustomError for a span that is in descending order or has different letters at its ends.
    """
    found = NAME_RANGE.fullmatch(written)
    if found is None:
        return (written,)
    head, first, last = found["head"], int(found["first"]), int(found["last"])
    if found["again"] != head:
        raise refuse(
            f"{written!r} has different letters at its ends", f"{head}{found['first']}..{head}NN"
        )
    if last < first:
        raise refuse(f"{written!r} is in descending order", "the lower number comes first")
    return tuple(f"{head}{number:0{len(found['first'])}}" for number in range(first, last + 1))


def expand_all(written: Iterable[str]) -> tuple[str, ...]:
    """All names of a list of names and spans, in the order they are written."""
    return tuple(name for item in written for name in expand(item))


def _rack_or_range(text: str) -> str:
    hint = "a rack or a span of racks: r01 or r01..r08"
    if not RACK_OR_RANGE.fullmatch(text):
        raise refuse(f"{text!r} is no rack" if text else "empty", hint)
    expand(text)
    return text


RackRange = Annotated[str, AfterValidator(_rack_or_range)]
"""A rack name, or a span of them."""
