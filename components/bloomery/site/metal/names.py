"""Names of halls, sources and circuits, and figures that a pool must give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import TypeAdapter, ValidationError

from bloomery.catalogue import node_models
from bloomery.catalogue.pdu import pdu_models
from bloomery.errors import Fault
from bloomery.site.reading.document import Document, Value
from bloomery.site.reading.entries import Entries, entries, mapping, taken_twice
from bloomery.site.reading.fault_texts import suggest
from bloomery.site.types.quantity import Kilowatts

CIRCUIT_FIGURES = {
    "volts": "for example volts: 400 V, or name a pdu that has it",
    "amps": "for example amps: 63 A, or name a pdu that has it",
    "phases": "1 or 3, or name a pdu that has it",
    "continuous": "share of the rating allowed over time: 80 % under the NEC",
}
"""Figures of a circuit that the site gives where no PDU of the catalogue does."""


def metal_faults(document: Document) -> Iterator[Fault]:
    """Every name of metal and power that is taken twice or unknown, and every missing figure."""
    power = mapping((document.data or {}).get("power"))
    halls = entries((document.data or {}).get("halls"), ("halls",))
    racks = entries((document.data or {}).get("racks"), ("racks",))
    sources = entries(power.get("sources"), ("power", "sources"))
    circuits = entries(power.get("circuits"), ("power", "circuits"))
    for named in (halls, sources, circuits):
        yield from taken_twice(document, named)
    yield from _halls(document, racks, halls)
    yield from _feeds(document, racks, sources, circuits)
    yield from _tree(document, sources)
    yield from _circuits(document, circuits)
    yield from _figures(document)


def _text(entry: Mapping[str, Value], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _halls(document: Document, racks: Entries, halls: Entries) -> Iterator[Fault]:
    known = {_text(hall, "name") for _, hall in halls}
    for path, rack in racks:
        hall = _text(rack, "hall")
        if hall and hall not in known:
            hint = suggest(hall, known, "halls") or "add it to halls"
            yield document.fault((*path, "hall"), f"unknown hall {hall!r}", hint)
        elif len(known) > 1 and "hall" not in rack:
            yield document.fault((*path, "hall"), "missing", suggest("", known, "one of"))


def _feeds(
    document: Document,
    racks: Entries,
    sources: Entries,
    circuits: Entries,
) -> Iterator[Fault]:
    known = {
        "source": {_text(source, "name") for _, source in sources},
        "circuit": {_text(circuit, "name") for _, circuit in circuits},
    }
    sides = _sides(sources)
    for path, rack in racks:
        for at, feed in entries(rack.get("feeds"), (*path, "feeds")):
            for key, names in known.items():
                name = _text(feed, key)
                if name and name not in names:
                    hint = suggest(name, names, f"{key}s") or f"add it to power.{key}s"
                    yield document.fault((*at, key), f"unknown {key} {name!r}", hint)
            source = _text(feed, "source")
            if source in known["source"] and not sides.get(source):
                reason = f"source {source!r} is on no side"
                hint = "write side: A on it, or on a source above it"
                yield document.fault((*at, "source"), reason, hint)


def _sides(sources: Entries) -> Mapping[str, str]:
    """Source -> its side, its own or the nearest above it; empty where there is none."""
    by_name = {_text(source, "name"): source for _, source in sources}
    found: dict[str, str] = {}
    for name in by_name:
        path: list[str] = []
        above = name
        while above in by_name and above not in found and above not in path:
            path.append(above)
            if _text(by_name[above], "side"):
                break
            above = _text(by_name[above], "parent")
        side = found.get(above) or (_text(by_name[above], "side") if above in by_name else "")
        found.update(dict.fromkeys(path, side))
    return found


def _tree(document: Document, sources: Entries) -> Iterator[Fault]:
    by_name = {_text(source, "name"): source for _, source in sources}
    parents = {name: _text(source, "parent") for name, source in by_name.items()}
    sides = _sides(sources)
    for path, source in sources:
        name = _text(source, "name")
        for key in ("parent", "standby"):
            other = _text(source, key)
            if other and other not in by_name:
                hint = suggest(other, by_name.keys() - {name}, "sources")
                yield document.fault((*path, key), f"unknown source {other!r}", hint)
        if _in_ring(name, parents):
            hint = "its chain of parents leads back to it"
            yield document.fault((*path, "parent"), f"source {name!r} feeds itself", hint)
        side, above = _text(source, "side"), sides.get(_text(source, "parent"), "")
        ring = _in_ring(_text(source, "parent"), parents)
        if side and above and side != above and not ring:
            reason = f"side {side!r} below side {above!r}"
            yield document.fault(
                (*path, "side"), reason, "give the side once, at the top of its branch"
            )


def _in_ring(name: str, parents: Mapping[str, str]) -> bool:
    above, seen = parents.get(name, ""), set[str]()
    while above and above != name and above not in seen:
        seen.add(above)
        above = parents.get(above, "")
    return bool(name) and above == name


def _circuits(document: Document, circuits: Entries) -> Iterator[Fault]:
    for path, circuit in circuits:
        pdu = pdu_models().get(_text(circuit, "pdu"))
        if "pdu" in circuit and pdu is None:
            continue  # its own fault says so; what it would have given nobody knows
        for key, hint in CIRCUIT_FIGURES.items():
            if key not in circuit and (pdu is None or getattr(pdu, key) is None):
                yield document.fault((*path, key), "missing", hint)
        phases = _text(circuit, "phases")
        if phases == "2":
            yield document.fault((*path, "phases"), "2 is no number of phases", "1 or 3")
        if phases == "3" and "wiring" not in circuit and pdu is None:
            hint = "wye: loads from line to neutral; delta: from line to line"
            yield document.fault((*path, "wiring"), "missing", hint)


def _figures(document: Document) -> Iterator[Fault]:
    for path, pool in entries((document.data or {}).get("pools"), ("pools",)):
        model = node_models().get(_text(pool, "model"))
        for key in model.asks if model else ():
            if key not in pool:
                reason = f"missing; the catalogue has none for {_text(pool, 'model')!r}"
                hint = f"write {key} of the machines you buy, from the vendor's data sheet"
                yield document.fault((*path, key), reason, hint)
        power, peak = _number(pool, "power_kw"), _number(pool, "peak_kw")
        if power and peak and peak < power:
            yield document.fault((*path, "peak_kw"), "is below power_kw", f"at least {power:g} kW")


def _number(pool: Mapping[str, Value], key: str) -> float | None:
    """The quantity written there; None where it is none, which its field says."""
    try:
        return TypeAdapter(Kilowatts).validate_python(pool.get(key))
    except ValidationError:
        return None
