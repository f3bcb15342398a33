"""The power tree: from utility to racks, alike branches drawn once and counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bloomery.plan.model import CircuitPlan, Plan, SourcePlan

WIDE, HIGH = 168.0, 58.0
"""Size of a box, drawing units."""

STEP_X, STEP_Y = WIDE + 38.0, HIGH + 14.0
"""From one box to the next: deeper, and beside."""

FEW = 3
"""Alike branches beside each other up to which each is drawn."""


@dataclass(frozen=True)
class Box:
    """One source, several alike ones, or the racks at the end."""

    title: str
    detail: str
    load: str
    share: float
    """Worst load over capacity of the most loaded of them, 0 and up; above 1 is too much."""
    side: str
    x: float
    y: float


@dataclass(frozen=True)
class Wire:
    """A line between two boxes."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Tree:
    """The whole drawing."""

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    width: float
    height: float


@dataclass(frozen=True)
class _Branch:
    """Alike sources, and what hangs on the most loaded of them."""

    box: Box
    below: tuple[_Branch, ...]

    @property
    def rows(self) -> int:
        return sum(branch.rows for branch in self.below) or 1


Children = Mapping[str, Sequence[SourcePlan]]
Circuits = Mapping[str, Sequence[CircuitPlan]]


def power_tree(plan: Plan) -> Tree:
    """Boxes and lines of all sources; empty where the site describes none."""
    children: dict[str, list[SourcePlan]] = defaultdict(list)
    names = {source.name for source in plan.metal.sources}
    for source in plan.metal.sources:
        children[source.parent if source.parent in names else ""].append(source)
    circuits: dict[str, list[CircuitPlan]] = defaultdict(list)
    for circuit in plan.metal.circuits:
        circuits[circuit.source].append(circuit)
    roots = tuple(_branches(children[""], children, circuits))
    boxes: list[Box] = []
    wires: list[Wire] = []
    row = 0.0
    for root in roots:
        boxes.extend(_placed(root, 0, row, wires))
        row += root.rows
    width = max((box.x for box in boxes), default=0.0) + WIDE
    return Tree(tuple(boxes), tuple(wires), width, row * STEP_Y)


def _branches(
    sources: Sequence[SourcePlan], children: Children, circuits: Circuits
) -> Iterator[_Branch]:
    groups: dict[object, list[SourcePlan]] = defaultdict(list)
    for source in sources:
        groups[_shape(source, children, circuits)].append(source)
    for members in groups.values():
        if len(members) <= FEW:
            yield from (_branch([source], children, circuits) for source in members)
        else:
            yield _branch(members, children, circuits)


def _shape(source: SourcePlan, children: Children, circuits: Circuits) -> object:
    """What makes two sources alike: the same kind and size, and alike things behind them."""
    below = sorted(
        str(_shape(child, children, circuits)) for child in children.get(source.name, ())
    )
    racks = len({circuit.rack for circuit in circuits.get(source.name, ())})
    return source.kind, source.side, source.capacity_kw, tuple(below), bool(racks)


def _branch(members: Sequence[SourcePlan], children: Children, circuits: Circuits) -> _Branch:
    worst = max(members, key=lambda source: _share(source.worst_kw, source.capacity_kw))
    many = len(members) > 1
    box = Box(
        title=f"{len(members)} × {worst.kind}" if many else worst.name,
        detail=f"most loaded: {worst.name}" if many else worst.kind,
        load=f"{worst.worst_kw:,.0f} of {worst.capacity_kw:,.0f} kW",
        share=_share(worst.worst_kw, worst.capacity_kw),
        side=worst.side,
        x=0.0,
        y=0.0,
    )
    below = tuple(_branches(children.get(worst.name, ()), children, circuits))
    fed = circuits.get(worst.name, ())
    return _Branch(box, (*below, _racks(fed)) if fed else below)


def _share(load: float, capacity: float) -> float:
    return load / capacity if capacity else 0.0


def _racks(circuits: Sequence[CircuitPlan]) -> _Branch:
    worst = max(circuits, key=lambda circuit: _share(circuit.alone_kw, circuit.capacity_kw))
    racks = {circuit.rack for circuit in circuits}
    kinds = {f"{c.phases} × {c.amps:g} A, {c.volts:g} V" for c in circuits}
    wires = sum(circuit.count for circuit in circuits)
    words = kinds.pop() if len(kinds) == 1 else f"{len(kinds)} kinds"
    box = Box(
        title=f"{len(racks)} racks" if len(racks) > 1 else worst.rack,
        detail=f"{wires} circuits, {words}",
        load=f"{worst.rack} {worst.alone_kw:,.1f} of {worst.capacity_kw:,.1f} kW",
        share=_share(worst.alone_kw, worst.capacity_kw),
        side=worst.side,
        x=0.0,
        y=0.0,
    )
    return _Branch(box, ())


def _placed(branch: _Branch, depth: int, row: float, wires: list[Wire]) -> Iterator[Box]:
    """Boxes of a branch from ``row`` on; a parent stands in the middle of what it feeds."""
    x, y = depth * STEP_X, (row + (branch.rows - 1) / 2) * STEP_Y
    box = branch.box
    yield Box(box.title, box.detail, box.load, box.share, box.side, round(x, 1), round(y, 1))
    for below in branch.below:
        middle = (row + (below.rows - 1) / 2) * STEP_Y + HIGH / 2
        wires.append(Wire(x + WIDE, round(y + HIGH / 2, 1), x + STEP_X, round(middle, 1)))
        yield from _placed(below, depth + 1, row, wires)
        row += below.rows
