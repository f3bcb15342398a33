"""Spans of units."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from bloomery.site.types.unit_range import UnitRange, expand_all_units, expand_units


@pytest.mark.parametrize(
    ("written", "units"),
    [("7", (7,)), ("7..7", (7,)), ("7..10", (7, 8, 9, 10)), ("07..08", (7, 8))],
)
def test_expand(written: str, units: tuple[int, ...]) -> None:
    assert expand_units(written) == units
    assert TypeAdapter(UnitRange).validate_python(written) == written


def test_lists_keep_their_order() -> None:
    assert expand_all_units(["38", "1..2"]) == (38, 1, 2)


@pytest.mark.parametrize(
    "written", ["", "0", "0..3", "9..7", "7-9", "7..", "..9", "U7", "-1", "7.5", "１", "1000"]
)
def test_what_is_no_span_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(UnitRange).validate_python(written)
