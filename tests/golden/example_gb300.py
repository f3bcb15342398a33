"""How ``inventories/example-gb300/machines.csv`` is made: the same rows every time."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator

from bloomery.site.metal.delivery import HEADER

RACKS = range(1, 9)
"""Numbers of the racks."""

UNITS = (*range(11, 21), *range(30, 38))
"""Units of the 18 compute trays of a rack: ten below the nine switch trays, eight above."""


def machines_csv() -> str:
    """The whole file."""
    return "\n".join([HEADER, *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    places = [(rack, unit) for rack in RACKS for unit in UNITS]
    for number, (rack, unit) in enumerate(places, start=1):
        name = f"gb300-{number:03}"
        digest = hashlib.sha256(f"example-gb300 {name}".encode()).hexdigest()
        yield ",".join(
            [
                name,
                "gb300",
                f"r{rack:02}",
                str(unit),
                f"02:43:00:00:{rack:02x}:{unit:02x}",
                f"10.20.{rack}.{unit}",
                hashlib.sha256(f"certificate of {name}".encode()).hexdigest(),
                f"EXGB-{digest[:10].upper()}",
                str(uuid.UUID(digest[:32], version=4)),
            ]
        )
