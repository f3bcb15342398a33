"""A large network: a column a pod or unit, one line a bundle of cables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bloomery.report.groups import MACHINES, Block, Bundle, Grouping, Place
from bloomery.report.sketch.wiring import PAGE, Box, Line, line

NARROW, WIDE = 70.0, 150.0
"""Column at least and at most."""

BAR, CELL, HEAD = 34.0, 52.0, 34.0
"""Height of the bar at the top, of a unit, and of the spines of a pod."""

GAP, AIR = 12.0, 46.0
"""Between two boxes of a column, and between bar and columns, where the lines run."""

MOST = 16
"""Columns that fit a page; more units than that stand in several rows."""

RISER = 6.0
"""From the edge of a column to the line that runs down in it."""

TOPS = ("spine", "core")
"""Tiers above the leaves."""


def columns(grouping: Grouping) -> tuple[tuple[Box, ...], tuple[Line, ...], float]:
    """Boxes, lines and width of the drawing."""
    found = _columns(grouping.blocks)
    step = min(WIDE, max(NARROW, PAGE / max(len(found), 1)))
    width = max(step * len(found), WIDE)
    bar = _bar(grouping.blocks, width)
    top = BAR + AIR if bar else 0.0
    boxes = [bar] if bar else []
    for number, column in enumerate(found):
        boxes.extend(_column(column, number * step, top, step - GAP / 2))
    lines = tuple(_lines(grouping.bundles, {box.key: box for box in boxes}))
    return tuple(boxes), lines, width


def _columns(blocks: Sequence[Block]) -> list[list[Block]]:
    """Pods where there are any; else units, several in a column where there are many."""
    pods = any(block.place.pod for block in blocks)
    low = [block for block in blocks if not _crown(block.place)]
    places = sorted({block.place.pod if pods else block.place.su for block in low})
    each = 1 if pods else -(-len(places) // MOST)
    column = {place: number // each for number, place in enumerate(places)}
    found: list[list[Block]] = [[] for _ in set(column.values())]
    for block in low:
        found[column[block.place.pod if pods else block.place.su]].append(block)
    return found


def _crown(place: Place) -> bool:
    """Whether a block stands above all columns."""
    return place.tier in TOPS and not place.pod


def _bar(blocks: Sequence[Block], width: float) -> Box | None:
    crown = [block for block in blocks if _crown(block.place)]
    if not crown:
        return None
    words = " · ".join(b.words for b in crown)
    models = ", ".join(sorted({block.model for block in crown if block.model}))
    return Box(CROWN, 0.0, 0.0, width - GAP / 2, BAR, (words,), f"{words}, {models}", "crown")


CROWN = "crown"
"""Key of the bar above all columns."""


def _column(blocks: Sequence[Block], x: float, y: float, width: float) -> Iterator[Box]:
    for block in blocks:
        if block.place.tier in TOPS:
            words = block.words
            lines = (f"pod {block.place.pod}", words)
            yield Box(block.place.key, x, y, width, HEAD, lines, f"{words}, {block.model}", "spine")
            y += HEAD + GAP
    for su in sorted({block.place.su for block in blocks if block.place.tier not in TOPS}):
        unit = [b for b in blocks if b.place.su == su and b.place.tier not in TOPS]
        yield _unit(unit, su, x, y, width)
        y += CELL + GAP


def _unit(blocks: Sequence[Block], su: int, x: float, y: float, width: float) -> Box:
    """Leaves and machines of a unit in one box: between them is one bundle only."""
    ordered = sorted(blocks, key=lambda block: block.place.tier == MACHINES)
    words = [block.words for block in ordered]
    models = ", ".join(block.model for block in ordered if block.model)
    lines = ((f"SU {su}",) if su else ()) + tuple(words)
    title = f"{lines[0]}: {', '.join(words)}; {models}"
    return Box(_cell(blocks[0].place), x, y, width, CELL, lines, title, "unit")


def _cell(place: Place) -> str:
    return f"{place.network}-pod{place.pod}-su{place.su}"


def _key(place: Place) -> str:
    if _crown(place):
        return CROWN
    return place.key if place.tier in TOPS else _cell(place)


def _lines(bundles: Sequence[Bundle], boxes: Mapping[str, Box]) -> Iterator[Line]:
    """Lines between boxes; what runs inside one box is told there and in the table."""
    joined: dict[tuple[str, str], list[Bundle]] = {}
    for bundle in bundles:
        low, high = _key(bundle.low), _key(bundle.high)
        if low == high or low not in boxes or high not in boxes:
            continue
        head = _head(boxes[low], boxes)
        if high == CROWN and head.key != low:  # joins the line of its column
            joined.setdefault((low, head.key), []).append(bundle)
            low = head.key
        joined.setdefault((low, high), []).append(bundle)
    for (low, high), members in joined.items():
        yield _line(boxes[low], boxes[high], members)


def _head(box: Box, boxes: Mapping[str, Box]) -> Box:
    """The topmost box of a column."""
    column = [other for other in boxes.values() if other.x == box.x and other.key != CROWN]
    return min(column, key=lambda other: other.y, default=box)


def _line(low: Box, high: Box, bundles: Sequence[Bundle]) -> Line:
    free = high.key == CROWN
    # Within a column it runs down the left edge, behind the units it passes.
    x = low.x + (low.width / 2 if free else RISER)
    cables = sum(bundle.cables for bundle in bundles)
    return line(low, high, x, x, bundles, f"{cables:,}" if free else "")
