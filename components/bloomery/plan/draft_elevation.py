"""Units of one rack of a proposal, from the bottom up.

No public source gives those of a rack-scale rack, so a draft assumes a build: compute trays on both
sides of the NVLink switch trays, and power shelves on both ends. The vendor's own goes into the
files before anybody orders by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bloomery.plan.model import ModelPlan


@dataclass(frozen=True)
class Elevation:
    """Lowest unit of each thing in a full rack."""

    machines: tuple[int, ...]
    nvlink: tuple[int, ...] = ()
    shelves: tuple[int, ...] = ()
    height: int = 0
    """Units it takes in all."""


def elevation(model: ModelPlan, machines: int) -> Elevation:
    """A rack with ``machines`` of ``model``; the trays of a rack-scale model fill it."""
    if not model.trays:
        units = tuple(at * model.height + 1 for at in range(machines))
        return Elevation(units, height=machines * model.height)
    # Switch trays and shelves are 1 U each (catalogue, rack_parts).
    low_shelves, low_trays = model.shelves // 2, model.trays // 2
    first, trays = low_shelves + 1, model.trays * model.height
    middle = first + low_trays * model.height
    above = middle + model.nvlink_trays
    top = first + trays + model.nvlink_trays
    return Elevation(
        machines=(
            *(first + at * model.height for at in range(low_trays)),
            *(above + at * model.height for at in range(model.trays - low_trays)),
        ),
        nvlink=tuple(range(middle, above)),
        shelves=(*range(1, first), *range(top, top + model.shelves - low_shelves)),
        height=trays + model.nvlink_trays + model.shelves,
    )


def spans(units: Sequence[int]) -> list[str]:
    """Ascending units as people write them: ``1..4``, ``38..41``."""
    found: list[list[int]] = []
    for unit in units:
        if found and unit == found[-1][-1] + 1:
            found[-1].append(unit)
        else:
            found.append([unit])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}..{run[-1]}" for run in found]
