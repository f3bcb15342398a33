"""How ``tests/golden/four-units/machines.csv`` is made: the same rows every time."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator

from bloomery.site.metal.delivery import HEADER

DOMAIN = "hall1.example.gov.ua"
RESERVED = 32
"""Number whose ports the four managers take."""


def machines_csv() -> str:
    """The whole file: 127 machines of four units, four a rack, and five for management."""
    rows = (row for group in (_training(), _management()) for row in group)
    return "\n".join([f"{HEADER},asset_tag", *rows]) + "\n"


def _training() -> Iterator[str]:
    for number in range(1, 129):
        unit, place = divmod(number - 1, 32)
        rack, slot = divmod(place, 4)
        if number != RESERVED:
            where = f"train,{'ABCD'[unit]}{rack + 1:02},{8 * slot + 1}"
            yield _row(f"dgx-{number:03}", where, f"10.16.{unit + 1}.{place + 1}", number)


def _management() -> Iterator[str]:
    for number in range(1, 6):
        yield _row(f"mgmt-{number}", f"mgmt,E05,{number}", f"10.16.9.{number}", 200 + number)


def _row(name: str, where: str, address: str, item: int) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()
    identity = f"{digest[:12].upper()},{uuid.UUID(digest[:32], version=4)}"
    mac = f"02:44:48:31:00:{item:02x}"
    certificate = hashlib.sha256(f"certificate of {name}".encode()).hexdigest()
    return f"{name}.{DOMAIN},{where},{mac},{address},{certificate},{identity},T-{4000 + item}"
