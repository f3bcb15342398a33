"""What a name tells by itself."""

from __future__ import annotations

import pytest

from bloomery.names import counted, plain_number, short_name


@pytest.mark.parametrize(
    ("rack", "number"),
    [
        *(("r01", 1), ("row-b12", 12), ("r0300", 300), ("r00", 0)),
        *(("A01", None), ("dh1-a-09", None), ("C32", None), ("a01-l", None), ("north", None)),
        *(("r12345", None), ("r\u0661", None)),
    ],
)
def test_only_a_plain_name_has_a_number(rack: str, number: int | None) -> None:
    assert plain_number(rack) == number


def test_a_host_is_called_by_its_first_label() -> None:
    assert short_name("gpu-001.hall1.example.gov.ua") == short_name("gpu-001") == "gpu-001"


def test_numbers_in_names_are_put_in_order_as_numbers() -> None:
    names = ["row-10", "row-2-b20", "rowan", "row-9", "a", "row-2-b3", "row-1"]
    wanted = ["a", "row-1", "row-2-b3", "row-2-b20", "row-9", "row-10", "rowan"]
    assert sorted(names, key=counted) == wanted
