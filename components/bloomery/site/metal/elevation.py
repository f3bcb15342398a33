"""Units of the NVLink switch trays and power shelves of rack-scale racks.

No public source gives them, so the site does: each once, in the rack, and as many as the model
that stands there has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from bloomery.catalogue import Figure, node_models
from bloomery.errors import Fault
from bloomery.site.metal.delivery import Delivery
from bloomery.site.reading.document import Document, Path, Value
from bloomery.site.reading.entries import Entry, entries
from bloomery.site.types.name_range import expand
from bloomery.site.types.unit_range import expand_units

KEYS = {"nvlink_units": "NVLink switch trays", "shelf_units": "power shelves"}
"""Key of a rack -> what stands in these units."""


@dataclass(frozen=True)
class _Scale:
    """A rack-scale model that stands in a rack."""

    model: str
    wanted: Mapping[str, int]
    """Key of ``KEYS`` -> how many a rack of it has; 0 where it has none, or no source counts."""


def elevation_faults(document: Document, delivery: Delivery) -> Iterator[Fault]:
    """Every unit that cannot be, and every list that does not fit the model that stands there."""
    standing = _standing(document, delivery)
    for path, rack in entries((document.data or {}).get("racks"), ("racks",)):
        taken: dict[int, str] = {}
        for key in KEYS:
            if not isinstance(rack.get(key), list):
                continue
            units = list(_units(rack[key], (*path, key)))
            yield from _places(document, units, rack, taken, key)
            if standing is not None and None not in (unit for _, unit in units):
                yield from _counts(document, (*path, key), len(units), rack, standing)


def racks_of_no_scale(document: Document, delivery: Delivery) -> Iterator[Path]:
    """Entries of ``racks`` that give such units, with no rack-scale model in any of their racks."""
    standing = _standing(document, delivery)
    for path, rack in entries((document.data or {}).get("racks"), ("racks",)):
        name = rack.get("name")
        names = _expanded(name) if isinstance(name, str) else ()
        if standing is not None and rack.keys() & KEYS and not any(map(standing.get, names)):
            yield path


def _units(written: Value, path: Path) -> Iterator[tuple[Path, int | None]]:
    """Each unit with the item that gives it; None where the item is none: its field says so."""
    for at, item in enumerate(written if isinstance(written, list) else []):
        try:
            units = expand_units(item) if isinstance(item, str) else ()
        except PydanticCustomError:
            units = ()
        yield from (((*path, at), unit) for unit in units or (None,))


def _places(
    document: Document,
    units: Sequence[tuple[Path, int | None]],
    rack: Entry,
    taken: dict[int, str],
    key: str,
) -> Iterator[Fault]:
    """At most one fault an item: what is wrong with its first unit is wrong with its span."""
    height, last = _whole(rack.get("units")), 0
    told: set[Path] = set()
    for path, unit in units:
        if unit is None:
            continue
        holder = taken.setdefault(unit, key)
        wrong = ("", "")
        if holder != key:
            wrong = f"U{unit} is in {holder} too", "one device per unit"
        elif unit == last or (unit < last and unit in _before(units, path)):
            wrong = f"U{unit} is given twice", "each unit once"
        elif unit < last:
            wrong = f"U{unit} comes after U{last}", "in ascending order, from the bottom up"
        elif height and unit > height:
            wrong = f"U{unit} is beyond the rack", f"units of the rack: U1 to U{height}"
        if wrong[0] and path not in told:
            told.add(path)
            yield document.fault(path, *wrong)
        last = max(last, unit)


def _before(units: Sequence[tuple[Path, int | None]], path: Path) -> set[int]:
    """Units of the items before the one at ``path``."""
    return {unit for at, unit in units if unit is not None and at < path}


def _counts(
    document: Document,
    path: Path,
    count: int,
    rack: Entry,
    standing: Mapping[str, Sequence[_Scale]],
) -> Iterator[Fault]:
    key, name = str(path[-1]), rack.get("name")
    names = _expanded(name) if isinstance(name, str) else ()
    bare = [it for it in names if not standing.get(it)]
    if bare and count:
        more = f" and {len(bare) - 1} more" if len(bare) > 1 else ""
        known = ", ".join(key for key, model in node_models().items() if model.rack)
        hint = f"remove it, or list the compute trays of the rack: {known}"
        yield document.fault(path, f"{bare[0]}{more}: no rack-scale model stands there", hint)
    wrong: dict[tuple[str, int], str] = {}
    for single in names:
        scales = {(it.model, it.wanted[key]) for it in standing.get(single, ())}
        if len(scales) == 1 and (found := scales.pop())[1] != count:
            wrong.setdefault(found, single)  # of several models M8 speaks
    for (model, wanted), single in wrong.items():
        reason = f"{count} units in {single}; a rack of {model!r} has {wanted} {KEYS[key]}"
        yield document.fault(path, reason, "one unit each")


def _standing(document: Document, delivery: Delivery) -> Mapping[str, Sequence[_Scale]] | None:
    """Rack -> rack-scale models in it; None where not every row tells what it is."""
    pools = {
        name: pool
        for _, pool in entries((document.data or {}).get("pools"), ("pools",))
        if isinstance(name := pool.get("name"), str)
        and isinstance(model := pool.get("model"), str)
        and model in node_models()
    }
    if delivery.faults or any(machine.pool not in pools for machine in delivery.machines):
        return None
    scales = {name: _scale(pool) for name, pool in pools.items()}
    found: dict[str, list[_Scale]] = defaultdict(list)
    for rack, pool in sorted({(machine.rack, machine.pool) for machine in delivery.machines}):
        scale = scales[pool]
        if scale is not None:
            found[rack].append(scale)
    return found


def _scale(pool: Entry) -> _Scale | None:
    model = str(pool["model"])
    rack = node_models()[model].rack
    if rack is None:
        return None
    shelves = _whole(pool.get("shelves")) or _figure(rack.shelves)
    return _Scale(model, {"nvlink_units": _figure(rack.nvlink_trays), "shelf_units": shelves})


def _figure(figure: Figure | None) -> int:
    return int(figure.value) if figure else 0


def _whole(written: Value) -> int:
    """The whole number that is written; 0 where it is none, which its field says."""
    digits = isinstance(written, str) and re.fullmatch(r"[0-9]{1,3}", written)
    return int(digits[0]) if digits else 0


def _expanded(written: str) -> tuple[str, ...]:
    try:
        return expand(written)
    except PydanticCustomError:
        return ()
