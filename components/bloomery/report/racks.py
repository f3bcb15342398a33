"""Rack elevations: where each machine's box is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from bloomery.report.view import NodeView, RackView

WIDE, NARROW = 172, 108
"""Width of a rack's inside, drawing units: of a few racks, and of a row of eight."""

FEW = 5
"""Racks up to which they are drawn wide."""

TALLEST, LEAST = 20.0, 6.2
"""Height of one rack unit at most and at least: a rack of 12 units is no wall, and one of
48 fits a screen."""

TEXT = 14.0
"""Height a machine's box needs for its name; the smallest machine of a rack decides."""

EMPTY, SHOWN = 8, 3
"""Empty units above the highest machine from which a lone rack is cut, and what stays."""

TOP = 12
"""Space above the highest unit."""


@dataclass(frozen=True)
class Box:
    """One machine in the drawing."""

    node: NodeView
    y: float
    height: float
    roomy: bool
    """Whether a second line of text fits."""


@dataclass(frozen=True)
class Tick:
    """A unit number at the side."""

    y: float
    label: str


@dataclass(frozen=True)
class Elevation:
    """One rack, drawn."""

    rack: RackView
    height: float
    boxes: tuple[Box, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[float, ...]
    """Where two units meet."""
    cut: int
    """Empty units at the top that are not drawn."""


def elevation(rack: RackView, *, alone: bool = False) -> Elevation:
    """Boxes from the bottom up: unit 1 is the lowest, as in a real rack.

    A rack ``alone`` on the page is cut where nothing but air would follow; among others
    all keep their height, so that they can be compared.
    """
    highest = max((node.unit + node.height - 1 for node in rack.nodes), default=0)
    cut = rack.units - highest - SHOWN if alone and rack.units - highest > EMPTY else 0
    units = rack.units - cut
    smallest = min((node.height for node in rack.nodes), default=1)
    unit = TALLEST if units <= 16 else min(max(TEXT / smallest, LEAST), TALLEST)
    bottom = TOP + units * unit
    boxes = []
    for node in rack.nodes:
        height = node.height * unit
        y = bottom - (node.unit - 1) * unit - height
        boxes.append(Box(node, round(y, 2), round(height, 2), roomy=height >= 34))
    every = 1 if units <= 16 else 6
    ticks = tuple(
        Tick(round(bottom - (number - 0.5) * unit, 2), str(number))
        for number in range(1, units + 1)
        if number % every == 0 or number == 1
    )
    lines = tuple(round(bottom - number * unit, 2) for number in range(1, units))
    return Elevation(rack, round(bottom + TOP, 2), tuple(boxes), ticks, lines, cut)
