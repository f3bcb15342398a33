"""The list of cables somebody saw: read, with every fault of the file at once.

Columns ``a_device, a_port, b_device, b_port`` are needed; others may be there, so that
``cables.csv`` of a plan, or the export of an LLDP or ``ibnetdiscover`` reader with columns of its
own, is taken as it is. A cable may be listed from both of its ends.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bloomery.errors import Fault, FaultsError

COLUMNS = ("a_device", "a_port", "b_device", "b_port")
"""Columns a list must have."""


class End(NamedTuple):
    """One end of a cable."""

    device: str
    port: str

    def __str__(self) -> str:
        return f"{self.device} {self.port}"


class Seen(NamedTuple):
    """One cable as it was seen."""

    a: End
    b: End
    line: int
    """Line of the file, counted from 1."""


def read_observed(path: Path | str) -> tuple[Seen, ...]:
    """Cables of the file, each once. Raises FaultsError with everything that is wrong."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} cannot be read"
        raise FaultsError([Fault(str(path), 0, "(file)", "not UTF-8", reason)]) from None
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise FaultsError([Fault(str(path), 0, "(file)", reason)]) from None
    return parse_observed(str(path), text)


def parse_observed(file: str, text: str) -> tuple[Seen, ...]:
    """Like ``read_observed``, of text that was read already."""
    faults: list[Fault] = []
    try:
        rows = list(_rows(text))
    except csv.Error as error:
        raise FaultsError([Fault(file, 0, "(file)", f"not CSV: {error}")]) from None
    if not rows:
        hint = f"the first line names the columns: {', '.join(COLUMNS)}"
        raise FaultsError([Fault(file, 0, "(file)", "empty", hint)])
    (_, header), body = rows[0], rows[1:]
    places = _places(file, header, faults)
    if faults:
        raise FaultsError(faults)
    seen = [made for row in body if (made := _seen(file, row, len(header), places, faults))]
    faults += _contradictions(file, seen)
    if faults:
        raise FaultsError(sorted(faults, key=lambda fault: fault.line))
    return tuple({frozenset((cable.a, cable.b)): cable for cable in reversed(seen)}.values())[::-1]


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    for row in reader:
        if any(cell.strip() for cell in row):
            yield reader.line_num, [cell.strip() for cell in row]


def _places(file: str, header: Sequence[str], faults: list[Fault]) -> list[int]:
    """Where the columns are."""
    names = [name.lower() for name in header]
    for name in COLUMNS:
        if name not in names:
            known = ", ".join(header)
            faults.append(Fault(file, 1, name, "column is missing", f"found: {known}"))
        elif names.count(name) > 1:
            faults.append(Fault(file, 1, name, "column is there more than once"))
    return [names.index(name) for name in COLUMNS if name in names]


def _seen(
    file: str, row: tuple[int, list[str]], width: int, places: list[int], faults: list[Fault]
) -> Seen | None:
    line, cells = row
    if len(cells) != width:
        reason = f"{len(cells)} values, the header has {width} columns"
        faults.append(Fault(file, line, "(row)", reason))
        return None
    values = [cells[place] for place in places]
    empty = [name for name, value in zip(COLUMNS, values, strict=True) if not value]
    faults.extend(
        Fault(file, line, name, "empty", "give the device and port that were observed")
        for name in empty
    )
    if empty:
        return None
    a, b = End(values[0], values[1]), End(values[2], values[3])
    if a == b:
        faults.append(Fault(file, line, "b_port", f"{a} is given for both ends"))
        return None
    return Seen(a, b, line)


def _contradictions(file: str, seen: Sequence[Seen]) -> Iterator[Fault]:
    """One cable per port."""
    partners: dict[End, tuple[End, int]] = {}
    for cable in seen:
        for end, other in ((cable.a, cable.b), (cable.b, cable.a)):
            first, line = partners.setdefault(end, (other, cable.line))
            if first != other:
                reason = f"{end} is connected to {other}, but to {first} on line {line}"
                yield Fault(file, cable.line, "a_port" if end == cable.a else "b_port", reason)
