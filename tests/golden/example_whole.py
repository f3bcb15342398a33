"""How ``inventories/example-whole/machines.csv`` is made: the same rows every time."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator

from bloomery.site.metal.delivery import HEADER

RACKS = range(1, 9)
"""Numbers of the racks."""

UNITS = (*range(11, 21), *range(30, 38))
"""Units of the 18 compute trays of a rack: ten below the nine switch trays, eight above."""

MANAGEMENT = tuple((rack, 40) for rack in (9, 10, 11, 12))
"""Rack and unit of the machines that run the site."""


def machines_csv() -> str:
    """The whole file."""
    return "\n".join([HEADER, *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    trays = [(rack, unit) for rack in RACKS for unit in UNITS]
    for number, place in enumerate(trays, start=1):
        yield _row(f"gb300-{number:03}", *place)
    for number, place in enumerate(MANAGEMENT, start=1):
        yield _row(f"mgmt-{number:02}", *place)


def _row(name: str, rack: int, unit: int) -> str:
    digest = hashlib.sha256(f"example-whole {name}".encode()).hexdigest()
    return ",".join(
        [
            name,
            name.partition("-")[0],
            f"r{rack:02}",
            str(unit),
            f"02:43:00:00:{rack:02x}:{unit:02x}",
            f"10.20.{rack}.{unit}",
            hashlib.sha256(f"certificate of {name}".encode()).hexdigest(),
            f"EXWH-{digest[:10].upper()}",
            str(uuid.UUID(digest[:32], version=4)),
        ]
    )
