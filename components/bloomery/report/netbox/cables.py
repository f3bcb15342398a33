"""The cables of a plan as NetBox has them: one cable is one piece, with all its ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from bloomery.plan.model import Cable, MediumPlan, Plan
from bloomery.report.files.sheet import number
from bloomery.report.netbox.devices import Device
from bloomery.report.netbox.table import STATUS, Table, table
from bloomery.report.pieces import piece

COLUMNS = (
    "side_a_device", "side_a_type", "side_a_name", "side_b_device", "side_b_type", "side_b_name",
    "type", "status", "label", "length", "length_unit",
)  # fmt: skip
"""Columns of cables with one end a side."""

BREAKOUTS = (*COLUMNS, "profile")
"""Columns of cables with several ends a side."""

MEDIA = (
    ("passive copper", "dac-passive"),
    ("active copper", "dac-active"),
    ("multimode", "mmf"),
    ("single-mode", "smf"),
)
"""Part of a medium's title -> NetBox's ``type`` of cable; no match leaves the column empty."""

PROFILES = {2: "trunk-2c1p", 4: "trunk-4c1p"}
"""Ends a side -> NetBox's profile: the first end of a side leads to the first of the other. It is
the trunk's, not the breakout's, since each port of a cage is an interface of its own."""

LABEL = 100
"""Longest label NetBox stores."""

SIDE = "dcim.interface"


def cables(plan: Plan, known: Mapping[str, Device]) -> tuple[Table, Table]:
    """Cables with one end a side, and those with several, which older releases do not import."""
    media = {medium.key: medium for medium in plan.fabric.media}
    pieces: dict[object, list[Cable]] = defaultdict(list)
    for cable in plan.fabric.cables:
        pieces[piece(cable, media.get(cable.medium))].append(cable)
    plain: list[tuple[object, ...]] = []
    breakouts: list[tuple[object, ...]] = []
    for ends in pieces.values():
        row = _row(ends, known, _medium(media.get(ends[0].medium)))
        if len(ends) == 1:
            plain.append(row)
        else:
            breakouts.append((*row, PROFILES.get(len(ends), "")))
    return table(COLUMNS, *plain), table(BREAKOUTS, *breakouts)


def _row(ends: list[Cable], known: Mapping[str, Device], kind: str) -> tuple[object, ...]:
    first = ends[0]
    low = _end([(c.a_device, known[c.a_device].port(c.a_port)) for c in ends])
    high = _end([(c.b_device, known[c.b_device].port(c.b_port)) for c in ends])
    long = (number(first.length_m), "m") if first.length_m else ("", "")
    return *low, *high, kind, STATUS, first.id[:LABEL], *long


def _end(ends: list[tuple[str, str]]) -> tuple[str, str, str]:
    """Device, type and name of a side: one device, or one for each name."""
    owners = [device for device, _ in ends]
    told = owners[:1] if len(set(owners)) == 1 else owners
    return ",".join(told), SIDE, ",".join(name for _, name in ends)


def _medium(medium: MediumPlan | None) -> str:
    title = medium.title.lower() if medium else ""
    return next((kind for part, kind in MEDIA if part in title), "")
