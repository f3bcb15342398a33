"""How ``inventories/example-su1/machines.csv`` is made."""

from __future__ import annotations

import scalable_units


def machines_csv() -> str:
    """The whole file: 32 machines in eight racks."""
    return scalable_units.machines_csv("example-su1", 1, 2)
