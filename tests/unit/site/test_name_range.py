"""Spans of racks."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from bloomery.site.types.name_range import RackRange, expand, expand_all


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("r01", ("r01",)),
        ("r01..r03", ("r01", "r02", "r03")),
        ("r001..r002", ("r001", "r002")),
        ("r8..r11", ("r8", "r9", "r10", "r11")),
        ("row-b09..row-b10", ("row-b09", "row-b10")),
        ("r05..r05", ("r05",)),
        ("A09..A11", ("A09", "A10", "A11")),
        ("dh1-a-09..dh1-a-10", ("dh1-a-09", "dh1-a-10")),
        ("dh1-a-09..dh3-a-09", ("dh1-a-09", "dh2-a-09", "dh3-a-09")),
        ("A01-L..A02-L", ("A01-L", "A02-L")),
        ("A01..A01", ("A01",)),
    ],
)
def test_expand(written: str, names: tuple[str, ...]) -> None:
    assert expand(written) == names


def test_lists_keep_their_order() -> None:
    assert expand_all(["r09", "r01..r02"]) == ("r09", "r01", "r02")


@pytest.mark.parametrize(
    "written",
    [
        "r08..r01",
        "r01..s08",
        "r01..",
        "..r01",
        "r01-r08",
        "",
        "01..08",
        "r..r08",
        "A01..B01",
        "A01-A16",
        "dh1-a-01-dh1-a-16",
        "A1-01..A2-02",
        "A01-L..A02-R",
        "A..B",
        "A01..A02..A03",
        "A1..A00002",
    ],
)
def test_what_is_no_span_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(RackRange).validate_python(written)
