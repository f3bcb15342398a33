"""Neighbours of one device, as LLDP readers list them: what all of their formats share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bloomery.check.observed.seen import End, Observed, Seen
from bloomery.errors import Fault, FaultsError

ADDRESS = re.compile(r"[0-9a-fA-F]{2}(?:[:.-]?[0-9a-fA-F]{2}){5}")
"""A MAC: names no port that a person could read off the device."""


class Neighbour(NamedTuple):
    """One neighbour at one port."""

    device: str
    """The device that was asked; empty where the text does not say."""
    port: str
    far: str
    """What the neighbour calls itself; empty where it does not."""
    far_port: str
    far_text: str
    """What it says of that port in words."""
    line: int


def observed(
    file: str, rows: Sequence[Neighbour], device: str, asked: Iterable[str] = ()
) -> Observed:
    """The cables of these neighbours. ``device`` is used where a row does not name its own.

    Raises FaultsError where a device has no name or a port two neighbours.
    """
    named = [row._replace(device=row.device or device) for row in rows]
    faults = list(_nameless(file, named, device or next(iter(asked), "")))
    ports: dict[End, dict[End, Neighbour]] = defaultdict(dict)
    for row in named:
        # A network card announces itself beside the system that it is in, without a name.
        if row.far:
            ports[End(row.device, row.port)].setdefault(_far(row), row)
    faults += _crowded(file, ports)
    if faults:
        raise FaultsError(sorted(faults, key=lambda fault: fault.line))
    links = [
        Seen(end, far, row.line, by=end.device, file=file)
        for end, fars in ports.items()
        for far, row in fars.items()
    ]
    return Observed(tuple(links), frozenset(filter(None, (device, *asked))))


def _far(row: Neighbour) -> End:
    port = row.far_text if ADDRESS.fullmatch(row.far_port) and row.far_text else row.far_port
    return End(row.far, port)


def _nameless(file: str, rows: Sequence[Neighbour], device: str) -> Iterator[Fault]:
    if not device and (not rows or any(not row.device for row in rows)):
        reason = "whose neighbours these are is not said"
        hint = "name the file as the device, give --device, or keep the line of the prompt"
        yield Fault(file, 0, "--device", reason, hint)


def _crowded(file: str, ports: dict[End, dict[End, Neighbour]]) -> Iterator[Fault]:
    for end, fars in ports.items():
        (first, row), *others = fars.items()
        for far, other in others:
            reason = f"{end} has the neighbour {far}, but {first} on line {row.line}"
            hint = "an old neighbour has not expired yet, or a bridge without LLDP is between"
            yield Fault(file, other.line, end.port, reason, hint)
