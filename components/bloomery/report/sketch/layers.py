"""A small network, switch by switch: tiers above each other, machines of a unit in one box."""

from __future__ import annotations

from collections.abc import Sequence

from bloomery.report.groups import MACHINES, Block, Grouping
from bloomery.report.sketch.wiring import PAGE, Box, Line, line

ORDER = {"core": 0, "spine": 1, MACHINES: 3}
"""Tier -> layer from the top; all other switches are layer 2."""

STYLES = ("crown", "spine", "spine", "unit")
"""Layer -> class of the style."""

HIGH, AIR = 42.0, 74.0
"""Height of a box, and of what is between two layers."""

GAP, WIDEST = 10.0, 176.0
"""Between two boxes, and width of a switch at most."""


def layers(grouping: Grouping) -> tuple[tuple[Box, ...], tuple[Line, ...], float]:
    """Boxes, lines and width of the drawing."""
    tiers: dict[int, list[Block]] = {}
    for block in grouping.blocks:
        tiers.setdefault(ORDER.get(block.place.tier, 2), []).append(block)
    boxes: dict[str, Box] = {}
    for row, layer in enumerate(sorted(tiers)):
        for box in _layer(tiers[layer], layer, row * (HIGH + AIR)):
            boxes[box.key] = box
    return tuple(boxes.values()), tuple(_lines(grouping, boxes)), PAGE


def _layer(blocks: Sequence[Block], layer: int, y: float) -> list[Box]:
    pitch = PAGE / len(blocks)
    width = pitch - GAP if layer == ORDER[MACHINES] else min(WIDEST, pitch - GAP)
    made = []
    for number, block in enumerate(blocks):
        x = number * pitch + (pitch - width) / 2
        lines = _words(block, width)
        title = f"{block.place.device or ' '.join(lines)} ({block.model})".replace(" ()", "")
        made.append(
            Box(block.place.key, round(x, 1), y, round(width, 1), HIGH, lines, title, STYLES[layer])
        )
    return made


def _words(block: Block, width: float) -> tuple[str, ...]:
    if block.place.device:
        letters = int(width / 6.4)
        name = block.place.device
        short = name if len(name) <= letters else f"…{name[1 - letters :]}"
        return short, block.model[:letters]
    where = f"SU {block.place.su}: " if block.place.su else ""
    return f"{where}{block.words}", block.model


def _lines(grouping: Grouping, boxes: dict[str, Box]) -> list[Line]:
    found = []
    for bundle in grouping.bundles:
        low, high = boxes[bundle.low.key], boxes[bundle.high.key]
        if low.y < high.y:
            low, high = high, low
        x1, x2 = low.x + low.width / 2, high.x + high.width / 2
        straight = bundle.low.tier == MACHINES
        if straight:  # under its switch, not from the middle of a box as wide as the page
            x1 = min(max(x2, low.x + GAP), low.x + low.width - GAP)
        told = straight or low.y == high.y
        found.append(line(low, high, x1, x2, [bundle], f"{bundle.cables:,}" if told else ""))
    return found
