"""Units of NVLink switch trays and power shelves for random sites, above what stands there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

PARTS = {"nvlink_units": 9, "shelf_units": 8}
"""What a rack of every drawn rack-scale model has beside its trays."""

Entry = dict[str, object]


def say_elevations(
    random: Random, sheet: Mapping[str, object], rows: Sequence[Entry], free: Mapping[str, int]
) -> None:
    """Racks with trays of rack-scale models often say where the parts stand.

    ``free`` are units left in each rack, all of them at the top, the topmost not counted.
    """
    scaled = {str(it["name"]) for it in _entries(sheet, "pools") if "nvl72" in str(it["model"])}
    held = {str(row["rack"]) for row in rows if row["pool"] in scaled}
    for rack in _entries(sheet, "racks"):
        left, top = free.get(str(rack["name"]), 0), int(str(rack["units"]))
        for key, count in PARTS.items() if rack["name"] in held else ():
            if left >= count and random.randrange(10) < 7:
                rack[key] = _spans(random, top - left, count)
                left -= count


def _entries(sheet: Mapping[str, object], key: str) -> list[Entry]:
    found = sheet[key]
    assert isinstance(found, list)
    return found


def _spans(random: Random, first: int, count: int) -> list[object]:
    """``count`` units from ``first`` up, written in one of the ways people write them."""
    last, cut = first + count - 1, first + random.randint(1, count - 2)
    return random.choice(
        (
            [f"{first}..{last}"],
            [f"{first}..{cut}", f"{cut + 1}..{last}"],
            [*range(first, cut), f"{cut}..{last}"],
        )
    )
