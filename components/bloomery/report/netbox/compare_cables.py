"""Cables: one is there where the same interfaces are joined; a port with another one clashes."""

from __future__ import annotations

from dataclasses import replace

from bloomery.report.netbox.clash import Clashes
from bloomery.report.netbox.compare_devices import same
from bloomery.report.netbox.existing import End, Existing, HasCable
from bloomery.report.netbox.table import Row, Table

CHANGED = ("id", "label", "length", "length_unit")
"""Columns of cables that are compared."""

Sides = tuple[frozenset[End], frozenset[End]]


def cables_left(table: Table, has: Existing, site: str, clashes: Clashes) -> tuple[Table, Table]:
    """Cables that are not there, and those of another label or length."""
    known = {end: cable for cable in has.cables for side in cable.sides for end in side}
    left: list[Row] = []
    changed: list[Row] = []
    for row in table.rows:
        low, high = _sides(row, site)
        met = {id(cable): cable for end in low | high if (cable := known.get(end))}
        if not met:
            left.append(row)
        elif len(met) > 1 or set(next(iter(met.values())).sides) != {low, high}:
            for cable in met.values():
                _clash(row, cable, low | high, clashes)
        elif _differs(there := next(iter(met.values())).row, row):
            changed.append({**row, "id": there["id"]})
    return replace(table, rows=tuple(left)), Table(CHANGED, tuple(changed))


def of_site(table: Table, site: str) -> Table:
    """Cables that name the site of each end: another site has some of the names too."""
    rows = ({**row, "side_a_site": site, "side_b_site": site} for row in table.rows)
    return Table(("side_a_site", "side_b_site", *table.columns), tuple(rows))


def _sides(row: Row, site: str) -> Sides:
    low, high = (_side(row[f"side_{side}_device"], row[f"side_{side}_name"], site) for side in "ab")
    return low, high


def _side(device: str, name: str, site: str) -> frozenset[End]:
    owners, names = device.split(","), name.split(",")
    owners = owners * len(names) if len(owners) == 1 else owners
    return frozenset((site, owner, port) for owner, port in zip(owners, names, strict=True))


def _differs(there: Row, row: Row) -> bool:
    length = row["length"] and not same(there["length"], row["length"])
    return there["label"] != row["label"] or bool(length)


def _clash(row: Row, cable: HasCable, mine: frozenset[End], clashes: Clashes) -> None:
    ends = sorted({*cable.sides[0], *cable.sides[1]})
    met = ", ".join(f"{device} {name}" for _, device, name in ends if (_, device, name) in mine)
    others = ", ".join(
        f"{device} {name}" for _, device, name in ends if (_, device, name) not in mine
    )
    to = f" to {others}" if others else ""
    reason = f"{met} is on cable {cable.row['id']}{to}"
    clashes.add(f"cables {row['label']}", reason, "remove that cable, or correct the plan")
