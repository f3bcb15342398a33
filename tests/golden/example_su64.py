"""How ``inventories/example-su64/machines.csv`` is made."""

from __future__ import annotations

import scalable_units


def machines_csv() -> str:
    """The whole file: 2,048 machines in 512 racks."""
    return scalable_units.machines_csv("example-su64", 64, 4)
