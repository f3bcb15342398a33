"""The cable list, and what is printed on the labels of both ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bloomery.plan.model import Cable, Plan
from bloomery.report.files.sheet import number, sheet

CABLES = (*Cable._fields, "a_rack", "a_unit", "b_rack", "b_unit")
"""Columns of ``cables.csv``: a cable as the plan has it, and where its ends are."""

LABELS = ("text", "cable", "end", "device", "port", "rack", "unit")
"""Columns of ``labels.csv``: one row a label, two labels a cable."""

Place = tuple[str, str]
"""Rack and unit, empty where the plan gives none."""

NOWHERE: Place = ("", "")
"""A device that stands in no rack of the plan."""


def cables_csv(plan: Plan) -> bytes:
    """One row a cable, in the order of the plan."""
    return sheet(CABLES, _cables(plan))


def labels_csv(plan: Plan) -> bytes:
    """One row a label, rack by rack and from the bottom up: the order a person sticks them."""
    rows: list[Label] = sorted(_labels(plan), key=_walk)
    return sheet(LABELS, rows)


def places(plan: Plan) -> Mapping[str, Place]:
    """Where each device stands."""
    found = {node.name: (node.rack, str(node.unit)) for node in plan.metal.nodes}
    for switch in plan.fabric.switches:
        found[switch.name] = (switch.rack, str(switch.unit)) if switch.rack else NOWHERE
    return found


def _cables(plan: Plan) -> Iterator[tuple[object, ...]]:
    where = places(plan)
    for cable in plan.fabric.cables:
        yield (
            *cable[:9],
            number(cable.speed_gbps),
            cable.medium,
            number(cable.length_m),
            *cable[12:16],
            "yes" if cable.dark else "no",
            *where.get(cable.a_device, NOWHERE),
            *where.get(cable.b_device, NOWHERE),
        )


Label = tuple[str, str, str, str, str, str, str]
"""One row of ``labels.csv``."""


def _labels(plan: Plan) -> Iterator[Label]:
    where = places(plan)
    for cable in plan.fabric.cables:
        a, b = where.get(cable.a_device, NOWHERE), where.get(cable.b_device, NOWHERE)
        yield cable.a_label, cable.id, "a", cable.a_device, cable.a_port, *a
        yield cable.b_label, cable.id, "b", cable.b_device, cable.b_port, *b


def _walk(row: Label) -> tuple[str, int, str, str, str, str]:
    _, cable, end, device, port, rack, unit = row
    return rack, int(unit or 0), device, port, cable, end
