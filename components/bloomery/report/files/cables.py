"""The cable list, and what is printed on the labels of both ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bloomery.plan.model import Cable, Plan
from bloomery.report.files.sheet import number, sheet

CABLES = (*Cable._fields, "a_rack", "a_unit", "b_rack", "b_unit")
"""Columns of ``cables.csv``: a cable as the plan has it, and where its ends are."""

LABELS = ("text", "cable", "end", "device", "port", "rack", "unit")
"""Columns of ``labels.csv``: one row a label, two labels a cable."""

Place = tuple[str, str]
"""Rack and unit, empty where the plan gives none."""

Label = tuple[str, str, str, str]
"""Port, text, cable and end of one label."""

NOWHERE: Place = ("", "")
"""A device that stands in no rack of the plan."""


def cables_csv(plan: Plan) -> bytes:
    """One row a cable, in the order of the plan."""
    return sheet(CABLES, _cables(plan))


def labels_csv(plan: Plan) -> bytes:
    """One row a label, rack by rack and from the bottom up: the order a person sticks them."""
    where = places(plan)
    ends: dict[str, list[Label]] = defaultdict(list)
    for cable in plan.fabric.cables:
        ends[cable.a_device].append((cable.a_port, cable.a_label, cable.id, "a"))
        ends[cable.b_device].append((cable.b_port, cable.b_label, cable.id, "b"))
    order = sorted(ends, key=lambda device: _walk(device, where.get(device, NOWHERE)))
    return sheet(LABELS, _labels(order, ends, where))


def places(plan: Plan) -> Mapping[str, Place]:
    """Where each device stands."""
    found = {node.name: (node.rack, str(node.unit)) for node in plan.metal.nodes}
    found |= {part.name: (part.rack, str(part.unit)) for part in plan.metal.parts}
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


def _labels(
    order: Sequence[str], ends: Mapping[str, list[Label]], where: Mapping[str, Place]
) -> Iterator[tuple[str, ...]]:
    for device in order:
        place = where.get(device, NOWHERE)
        for port, text, cable, end in sorted(ends[device]):
            yield text, cable, end, device, port, *place


def _walk(device: str, place: Place) -> tuple[str, int, str]:
    rack, unit = place
    return rack, int(unit or 0), device
