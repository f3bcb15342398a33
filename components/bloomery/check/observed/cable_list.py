"""Lists with one row a cable, as CSV.

Of our own form the columns ``a_device, a_port, b_device, b_port`` are needed; others may be there,
so that ``cables.csv`` of a plan is taken as it is. Of NVIDIA's UFM Cable Validation Tool the sheets
of a P2P file, exported as CSV, in the three forms of its manual (page "P2P File", versions 1.5 to
1.7): ``A-Node Name ... Z-Port``, ``A-Node ... Z-Port``, and ``Name, HCA/Port ... Name, Port``.
A cable may be listed from both of its ends.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from bloomery.check.observed.seen import Observed, Seen, contradictions, described, once
from bloomery.errors import Fault, FaultsError

COLUMNS = ("a_device", "a_port", "b_device", "b_port")
"""Columns a list must have."""

P2P = {"a-node name": 0, "a-node": 0, "a-port": 1, "z-node name": 2, "z-node": 2, "z-port": 3}
"""Columns of a P2P file that names its sides, and which of ours each one is."""

P2P_NAMES = ("A-Node", "A-Port", "Z-Node", "Z-Port")


def is_p2p(header: Sequence[str]) -> bool:
    """Whether the first line is that of a P2P file."""
    names = [name.strip().lower() for name in header]
    return "a-port" in names or "z-port" in names or ("hca/port" in names and "name" in names)


def parse_cables(file: str, text: str) -> Observed:
    """Cables of the list, each once. Raises FaultsError with everything that is wrong."""
    faults: list[Fault] = []
    try:
        rows = list(_rows(text))
    except csv.Error as error:
        raise FaultsError([Fault(file, 0, "(file)", f"not CSV: {error}")]) from None
    if not rows:
        hint = f"the first line names the columns: {', '.join(COLUMNS)}"
        raise FaultsError([Fault(file, 0, "(file)", "empty", hint)])
    (_, header), body = rows[0], rows[1:]
    p2p = is_p2p(header)
    names = P2P_NAMES if p2p else COLUMNS
    places = _p2p_places(file, header, faults) if p2p else _places(file, header, faults)
    if faults:
        raise FaultsError(faults)
    reader = _Rows(file, names, places, len(header))
    seen = [made for row in body if (made := reader.seen(row, faults))]
    faults += contradictions(file, seen)
    if faults:
        raise FaultsError(sorted(faults, key=lambda fault: fault.line))
    return Observed(once(seen))


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


def _p2p_places(file: str, header: Sequence[str], faults: list[Fault]) -> list[int]:
    """Where the columns of a P2P file are; of the form without sides a port's device is the
    nearest ``Name`` before it."""
    names = [name.lower() for name in header]
    found: dict[int, int] = {}
    for at, name in enumerate(names):
        if name in P2P:
            found.setdefault(P2P[name], at)
        elif name in ("hca/port", "port") and "name" in names[:at]:
            side = 0 if name == "hca/port" else 2
            found[side], found[side + 1] = at - 1 - names[:at][::-1].index("name"), at
    for number, name in enumerate(P2P_NAMES):
        if number not in found:
            hint = f"found: {', '.join(header)}"
            faults.append(Fault(file, 1, name, "column is missing", hint))
    return [found[number] for number in sorted(found)]


class _Rows:
    """Reads the rows of one list."""

    def __init__(self, file: str, names: Sequence[str], places: Sequence[int], width: int) -> None:
        self._file, self._names, self._places, self._width = file, names, places, width

    def seen(self, row: tuple[int, list[str]], faults: list[Fault]) -> Seen | None:
        """The cable of a row; none where the row has a fault, which is then in ``faults``."""
        line, cells = row
        if len(cells) != self._width:
            reason = f"{len(cells)} values, the header has {self._width} columns"
            faults.append(Fault(self._file, line, "(row)", reason))
            return None
        values = [cells[place] for place in self._places]
        empty = [name for name, value in zip(self._names, values, strict=True) if not value]
        faults.extend(
            Fault(self._file, line, name, "empty", "give the device and port that were observed")
            for name in empty
        )
        if empty:
            return None
        a, b = described(values[0], values[1]), described(values[2], values[3])
        if a == b:
            faults.append(Fault(self._file, line, self._names[3], f"{a} is given for both ends"))
            return None
        return Seen(a, b, line, file=self._file)
