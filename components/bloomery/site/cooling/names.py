"""Names that loops and CDUs take or point to, and figures the catalogue leaves to the site.

Works on what was written, so that it speaks even where other things are wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from bloomery.catalogue.cdu import CduModel, cdu_models
from bloomery.errors import Fault
from bloomery.site.reading.document import Document, Path, Value
from bloomery.site.reading.entries import Entries, Entry, entries, taken_twice
from bloomery.site.reading.fault_texts import suggest
from bloomery.site.types.name_range import expand, is_rack_or_range

FIGURES: Mapping[str, str] = {
    "capacity_kw": "heat",
    "approach_k": "approach",
    "flow_lpm": "flow",
    "head_kpa": "head",
    "pumps": "number of pumps",
    "pumps_needed": "number of pumps that must work",
    "power_kw": "power",
}
"""Figure of a CDU that plan and rules compute with -> how a person calls it."""


@dataclass(frozen=True)
class _Known:
    """Names the loops may point to."""

    racks: Set[str]
    waters: tuple[str, ...]
    sources: Set[str] | None
    """``None`` where the site says nothing of its power."""


def coolant_faults(document: Document) -> Iterator[Fault]:
    """Every fault between the entries of ``cooling``, and from there to racks and power."""
    cooling = (document.data or {}).get("cooling")
    if not isinstance(cooling, dict):
        return
    waters = entries(cooling.get("facility_water"), ("cooling", "facility_water"))
    loops = entries(cooling.get("loops"), ("cooling", "loops"))
    known = _Known(_racks(document), tuple(dict.fromkeys(_names(waters))), _sources(document))
    yield from taken_twice(document, waters)
    yield from taken_twice(document, loops)
    yield from _cdus_twice(document, loops)
    yield from _racks_of_loops(document, loops, known.racks)
    for path, loop in loops:
        yield from _water(document, path, loop, known.waters)
        yield from _other_racks(document, path, loop)
        for cdu_path, group in entries(loop.get("cdus"), (*path, "cdus")):
            yield from _cdu(document, cdu_path, group, known)


def _texts(value: Value) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _names(named: Entries) -> Iterator[str]:
    for _, entry in named:
        if isinstance(name := entry.get("name"), str):
            yield name


def _expand(written: str) -> tuple[str, ...]:
    """Names of a span; a span at fault is told elsewhere and names nothing here."""
    if not is_rack_or_range(written):
        return ()
    try:
        return expand(written)
    except PydanticCustomError:
        return ()


def _racks(document: Document) -> frozenset[str]:
    found = entries((document.data or {}).get("racks"), ("racks",))
    return frozenset(name for written in _names(found) for name in _expand(written))


def _sources(document: Document) -> frozenset[str] | None:
    power = (document.data or {}).get("power")
    if not isinstance(power, dict):
        return None
    return frozenset(_names(entries(power.get("sources"), ("power", "sources"))))


def _called(loop: Entry, group: Entry) -> list[str]:
    if names := _texts(group.get("names")):
        return names
    if not isinstance(loop.get("name"), str):
        return []
    count = group.get("count") or "1"
    number = int(count) if isinstance(count, str) and re.fullmatch(r"[0-9]{1,4}", count) else 1
    return [f"{loop.get('name')}-cdu-{at}" for at in range(1, min(number, 99) + 1)]


def _cdus_twice(document: Document, loops: Entries) -> Iterator[Fault]:
    taken: dict[str, Path] = {}
    for path, loop in loops:
        for at, group in entries(loop.get("cdus"), (*path, "cdus")):
            for name in _called(loop, group):
                if name in taken and taken[name] != at:
                    reason = f"two CDUs have the name {name!r}"
                    yield document.fault((*at, "names"), reason, "give each group its own names")
                taken.setdefault(name, at)


def _racks_of_loops(document: Document, loops: Entries, racks: Set[str]) -> Iterator[Fault]:
    taken: dict[str, str] = {}
    for path, loop in loops:
        for at, written in enumerate(_texts(loop.get("racks"))):
            here = (*path, "racks", at)
            unknown = [name for name in _expand(written) if name not in racks]
            if unknown and racks:
                hint = suggest(unknown[0], racks, "racks")
                yield document.fault(here, f"unknown rack {unknown[0]!r}", hint)
            for name in _expand(written):
                if name in taken:
                    reason = f"rack {name!r} is on loop {taken[name]!r}"
                    yield document.fault(here, reason, "a rack takes one coolant from one loop")
                    break
            taken.update(dict.fromkeys(_expand(written), str(loop.get("name"))))


def _water(document: Document, path: Path, loop: Entry, waters: tuple[str, ...]) -> Iterator[Fault]:
    models = [model for _, group in entries(loop.get("cdus"), ()) if (model := _model(group))]
    kinds = {model.exchanger for model in models}
    named = loop.get("facility_water")
    if len(kinds) > 1:
        reason = "CDUs of one loop give heat to water and to air"
        yield document.fault((*path, "cdus"), reason, "give each kind a loop of its own")
    elif kinds == {"air"}:
        if named is not None:
            hint = "remove it: its CDUs give heat to air"
            yield document.fault((*path, "facility_water"), "no water is needed", hint)
    elif isinstance(named, str):
        if named not in waters:
            hint = suggest(named, waters, "waters") or "cooling.facility_water names none"
            yield document.fault(
                (*path, "facility_water"), f"unknown facility water {named!r}", hint
            )
    elif kinds and len(waters) != 1:
        hint = f"name one: {', '.join(waters)}" if waters else "give cooling.facility_water"
        yield document.fault((*path, "facility_water"), "missing", hint)


def _other_racks(document: Document, path: Path, loop: Entry) -> Iterator[Fault]:
    mine = {name for written in _texts(loop.get("racks")) for name in _expand(written)}
    leaks = loop.get("leaks")
    for key in ("valves", "bms_names"):
        named = leaks.get(key) if isinstance(leaks, dict) else None
        for rack in named if isinstance(named, dict) and mine else ():
            if rack not in mine:
                at = (*path, "leaks", key, rack)
                reason = f"rack {rack!r} is not on this loop"
                yield document.fault(at, reason, suggest(rack, mine, "its racks"))


def _model(group: Entry) -> CduModel | None:
    key = group.get("model")
    return cdu_models().get(key) if isinstance(key, str) else None


def _cdu(document: Document, path: Path, group: Entry, known: _Known) -> Iterator[Fault]:
    model = _model(group)
    for key, what in FIGURES.items():
        if model is not None and getattr(model, key) is None and key not in group:
            reason = f"missing: the catalogue has no {what} of {model.key!r}"
            yield document.fault((*path, key), reason, f"give {key}")
    for at, feed in enumerate(_texts(group.get("feeds"))):
        if known.sources is not None and feed not in known.sources:
            hint = suggest(feed, known.sources, "sources")
            yield document.fault((*path, "feeds", at), f"unknown source {feed!r}", hint)
    yield from _place(document, path, group, known.racks)


def _place(document: Document, path: Path, group: Entry, racks: Set[str]) -> Iterator[Fault]:
    rack = group.get("rack")
    if rack is None and group.get("unit") is not None:
        yield document.fault((*path, "unit"), "given without rack", "give its rack")
    if not isinstance(rack, str):
        return
    if racks and rack not in racks:
        hint = suggest(rack, racks, "racks")
        yield document.fault((*path, "rack"), f"unknown rack {rack!r}", hint)
    if group.get("unit") is None:
        yield document.fault((*path, "unit"), "missing", "for example unit: 1")
    model = _model(group)
    if model is not None and model.height_u is None and group.get("height_u") is None:
        reason = f"missing: the catalogue has no height of {model.key!r}"
        yield document.fault((*path, "height_u"), reason, "give height_u")
    if len(_called({"name": ""}, group)) > 1:
        reason = "several CDUs cannot share one rack and unit"
        yield document.fault((*path, "rack"), reason, "give each its own entry")
