"""How ``inventories/example-64/machines.csv`` is made: the same rows every time."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator

from bloomery.site.metal.delivery import HEADER

UNITS = {"b200": (1, 11, 21, 31), "h100": (1, 9, 17, 25)}
"""Pool -> lowest units of the four machines of a rack; the models are 10 U and 8 U."""

RACKS = {"b200": range(1, 13), "h100": range(13, 17)}
"""Pool -> numbers of its racks."""


def machines_csv() -> str:
    """The whole file."""
    rows = [row for pool in RACKS for row in _pool(pool)]
    return "\n".join([HEADER, *rows]) + "\n"


def _pool(pool: str) -> Iterator[str]:
    places = [(rack, unit) for rack in RACKS[pool] for unit in UNITS[pool]]
    for number, (rack, unit) in enumerate(places, start=1):
        name = f"{pool}-{number:03}"
        digest = hashlib.sha256(f"example-64 {name}".encode()).hexdigest()
        yield ",".join(
            [
                name,
                pool,
                f"r{rack:02}",
                str(unit),
                f"02:40:00:00:{rack:02x}:{unit:02x}",
                f"10.20.{rack}.{unit}",
                hashlib.sha256(f"certificate of {name}".encode()).hexdigest(),
                f"EX64-{digest[:10].upper()}",
                str(uuid.UUID(digest[:32], version=4)),
            ]
        )
