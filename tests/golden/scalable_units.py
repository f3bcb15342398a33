"""How the delivery lists of the scalable-unit examples are made: the same rows every time."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator

from bloomery.site.metal.delivery import HEADER

UNITS = (1, 11, 21, 31)
"""Lowest units of the four machines of a rack; the model is 10 U."""

NODES = 32
"""Machines of one scalable unit."""


def machines_csv(site: str, units: int, digits: int) -> str:
    """The list of ``units`` scalable units; racks and machines carry ``digits`` digits."""
    return "\n".join([HEADER, *_rows(site, units * NODES, digits)]) + "\n"


def _rows(site: str, count: int, digits: int) -> Iterator[str]:
    for number in range(1, count + 1):
        rack, place = divmod(number - 1, len(UNITS))
        rack, unit = rack + 1, UNITS[place]
        name = f"b200-{number:0{digits}}"
        digest = hashlib.sha256(f"{site} {name}".encode()).hexdigest()
        yield ",".join(
            [
                name,
                "b200",
                f"r{rack:0{digits}}",
                str(unit),
                f"02:64:{rack >> 8:02x}:{rack & 255:02x}:00:{unit:02x}",
                f"10.{20 + rack // 256}.{rack % 256}.{unit}",
                hashlib.sha256(f"certificate of {site} {name}".encode()).hexdigest(),
                f"SU-{digest[:10].upper()}",
                str(uuid.UUID(digest[:32], version=4)),
            ]
        )
