"""Rack elevations and the floor: alike racks drawn once, all racks as squares of a map."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bloomery.names import counted
from bloomery.plan.model import Plan, RackItem, RackPlan
from bloomery.report.racks import FEW, TALLEST, TEXT, TOP

__all__ = ["FEW", "SQUARE", "Floor", "floor"]

EACH = 12
"""Racks up to which each is drawn; above, each layout once."""

LAYOUTS = 12
"""Layouts drawn at most, the most frequent first."""

SQUARE, GAP = 22.0, 3.0
"""Side of a rack on the floor, and what is between two, drawing units."""

SHORT = 16
"""Units up to which a rack is drawn with tall units."""

FINE = 8.0
"""Height of a unit of all other racks: the same for all, so that they can be compared."""

LETTERS, LETTER = 17, 5.6
"""Letters that fit the narrowest rack, and the width of one."""

STEPS = 5
"""Shades of load on the floor, from empty to full."""

BIG = 40
"""Racks in a row of the floor before it wraps: more squares than a page is wide are no map."""


@dataclass(frozen=True)
class Run:
    """Alike items on top of each other: drawn one by one, named once."""

    kind: str
    label: str
    plate: float
    """Width of the plate behind the label; 0 where it needs none."""
    title: str
    items: int
    y: float
    height: float
    boxes: tuple[tuple[float, float], ...]
    """Top and height of each."""


@dataclass(frozen=True)
class Layout:
    """One rack drawn, for all racks that hold the same models at the same units."""

    racks: tuple[str, ...]
    units: int
    height: float
    runs: tuple[Run, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Square:
    """One rack on the floor."""

    rack: RackPlan
    x: float
    y: float
    shade: str
    """``s0`` to ``s4`` by load, ``too-much`` above the limit."""


@dataclass(frozen=True)
class Row:
    """One row of a hall."""

    title: str
    squares: tuple[Square, ...]
    width: float
    height: float


@dataclass(frozen=True)
class Floor:
    """All racks of the plan."""

    layouts: tuple[Layout, ...]
    hidden: int
    """Layouts that are not drawn."""
    each: bool
    """Whether every rack is drawn by itself."""
    rows: tuple[Row, ...]
    contents: Mapping[str, tuple[RackItem, ...]]


def floor(plan: Plan) -> Floor:
    """Elevations and map of all racks."""
    inside = contents(plan)
    racks = plan.metal.racks
    each = len(racks) <= EACH
    groups: dict[object, list[RackPlan]] = defaultdict(list)
    for rack in racks:
        groups[rack.name if each else _shape(rack, inside[rack.name])].append(rack)
    ranked = list(groups.values())
    if not each:
        ranked.sort(key=lambda members: -len(members))
    drawn = tuple(_layout(m, inside[m[0].name], alone=each) for m in ranked[:LAYOUTS])
    return Floor(drawn, max(0, len(ranked) - LAYOUTS), each, _rows(racks), inside)


def contents(plan: Plan) -> Mapping[str, tuple[RackItem, ...]]:
    """What stands in each rack, from the bottom up."""
    nodes = {node.name: node for node in plan.metal.nodes}
    found = {}
    for rack in plan.metal.racks:
        machines = (nodes[name] for name in rack.nodes)
        items = rack.items or tuple(
            RackItem(node.name, "node", node.model, node.unit, node.height) for node in machines
        )
        found[rack.name] = tuple(sorted(items, key=lambda item: item.unit))
    return found


def _shape(rack: RackPlan, items: Sequence[RackItem]) -> object:
    return rack.units, tuple(replace(item, name="") for item in items)


def _layout(racks: Sequence[RackPlan], items: Sequence[RackItem], *, alone: bool) -> Layout:
    units = racks[0].units
    unit = TALLEST if units <= SHORT else FINE
    bottom = TOP + units * unit
    every = 1 if units <= SHORT else 6
    numbers = (n for n in range(1, units + 1) if n % every == 0 or n == 1)
    ticks = tuple((round(bottom - (n - 0.5) * unit, 1), str(n)) for n in numbers)
    runs = tuple(_run(run, bottom, unit, alone=alone) for run in _runs(items, unit))
    return Layout(tuple(r.name for r in racks), units, round(bottom + TOP, 1), runs, ticks)


def _runs(items: Sequence[RackItem], unit: float) -> Iterator[list[RackItem]]:
    """Alike items directly on top of each other, too low for a name each."""
    run: list[RackItem] = []
    for item in items:
        if run and not (item.height * unit < TEXT and _continues(run[-1], item)):
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _continues(last: RackItem, item: RackItem) -> bool:
    alike = (last.kind, last.model, last.height) == (item.kind, item.model, item.height)
    return alike and last.unit + last.height == item.unit


def _run(items: Sequence[RackItem], bottom: float, unit: float, *, alone: bool) -> Run:
    boxes = []
    for item in items:
        y = bottom - (item.unit - 1 + item.height) * unit
        boxes.append((round(y + 0.5, 1), round(item.height * unit - 1, 1)))
    first, last = items[0], items[-1]
    units = f"units {first.unit} to {last.unit + last.height - 1}"
    names = ", ".join(item.name for item in items) if alone else f"{len(items)} × {first.kind}"
    name = first.name if alone else first.model
    label = name if len(items) == 1 else f"{len(items)} × {first.model}"
    y = boxes[-1][0]
    height = boxes[0][0] + boxes[0][1] - y
    title = f"{names}: {first.model}, {units}"
    shown = _fit(label)
    plate = LETTER * len(shown) + 8 if len(items) > 1 else 0.0
    return Run(first.kind, shown, plate, title, len(items), y, round(height, 1), tuple(boxes))


def _fit(label: str) -> str:
    """A label as wide as the narrowest rack is."""
    return label if len(label) <= LETTERS else f"{label[: LETTERS - 1]}…"


def _rows(racks: Sequence[RackPlan]) -> tuple[Row, ...]:
    """Halls as declared; their rows by name, in which 9 comes before 10."""
    halls: dict[str, dict[str, list[RackPlan]]] = defaultdict(lambda: defaultdict(list))
    for rack in racks:
        halls[rack.hall][rack.row].append(rack)
    return tuple(
        _row(_title(hall, row), rows[row])
        for hall, rows in halls.items()
        for row in sorted(rows, key=counted)
    )


def _title(hall: str, row: str) -> str:
    return " ".join(part for part in (hall, row) if part) or "all racks"


def _row(title: str, racks: Sequence[RackPlan]) -> Row:
    pitch = SQUARE + GAP
    ordered = sorted(racks, key=lambda rack: rack.place)
    squares = tuple(
        Square(rack, n % BIG * pitch, n // BIG * pitch, _shade(rack))
        for n, rack in enumerate(ordered)
    )
    lines = -(-len(racks) // BIG)
    return Row(title, squares, min(len(racks), BIG) * pitch, lines * pitch)


def _shade(rack: RackPlan) -> str:
    if not rack.power_limit_kw or rack.power_kw > rack.power_limit_kw:
        return "too-much"
    return f"s{min(STEPS - 1, int(rack.power_kw / rack.power_limit_kw * STEPS))}"
