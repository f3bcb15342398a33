"""How ``inventories/example-municipal/machines.csv`` is made: the same rows every time."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator

from bloomery.site.metal.delivery import HEADER

RACKS = (1, 2)
"""Numbers of the racks: a machine stands at the bottom of each."""


def machines_csv() -> str:
    """The whole file."""
    return "\n".join([HEADER, *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    for rack in RACKS:
        name = f"gpu-{rack:02}"
        digest = hashlib.sha256(f"example-municipal {name}".encode()).hexdigest()
        yield ",".join(
            [
                name,
                "gpu",
                f"r{rack:02}",
                "1",
                f"02:61:00:00:00:{rack:02x}",
                f"10.20.{rack}.1",
                hashlib.sha256(f"certificate of municipal {name}".encode()).hexdigest(),
                f"EXMU-{digest[:10].upper()}",
                str(uuid.UUID(digest[:32], version=4)),
            ]
        )
