"""The table fits the page and hides nothing."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bench.row import Figure, Row, Target, unmeasured
from bench.table import WIDTH, print_results, shown

RESULTS = {
    "state-size": [
        Row(
            "growth of the state in words that are long",
            "10-500 nodes",
            Figure((123456.0,), "B"),
            Figure((99999.0,), "B"),
            Target(2000, of="ours", strict=True),
            note="a note " * 40,
        ),
        Row("up", "500 nodes", Figure((31.0, 32.0), "s"), Figure((10.0, 20.0), "s"), Target(1.3)),
    ],
    "power-on": [unmeasured("power-on to ssh", "8 guests", "machines with a real OS need root")],
}


def printed() -> str:
    out = io.StringIO()
    console = Console(file=out, width=WIDTH)
    print_results(console, RESULTS, {"state-size": "bytes", "power-on": "seconds"}, 2)
    return out.getvalue()


def test_no_line_is_wider_than_the_page() -> None:
    assert max(len(line.rstrip()) for line in printed().splitlines()) <= WIDTH


def test_every_row_stands_there_with_its_verdict_and_reason() -> None:
    text = " ".join(printed().split())
    assert text.count("fail") == 2
    assert "not measured" in text
    assert "power-on to ssh, 8 guests: machines with a real OS need root" in text
    assert "1.60 2.35 3.10" in text
    assert "< 2000 B" in text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.00001234, "s", "12.3 µs"),
        (0.01234, "s", "12.3 ms"),
        (4.567, "s", "4.57 s"),
        (1234.5, "s", "1234 s"),
        (1999.4, "B", "1999 B"),
        (15900.0, "B", "15.9 kB"),
        (0.0, "steps", "0 steps"),
    ],
)
def test_figures_are_short(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text
