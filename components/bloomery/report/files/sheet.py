"""One way to write CSV: UTF-8, a header, ``\\n`` at the end of a line, no clever quoting."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from functools import cache


def sheet(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The bytes of a CSV file. Numbers are written as a person would: 3.0 becomes 3."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()


@cache
def number(value: float) -> str:
    """``3`` for 3.0, ``0.5`` for 0.5."""
    return f"{value:.12g}"
