"""Racks as they are declared: names and numbers that are taken, and numbers without addresses.

Works on what was written, so that it speaks even where other things are wrong.
"""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pydantic_core import PydanticCustomError

from bloomery.errors import Fault
from bloomery.names import MOST_DIGITS
from bloomery.site.metal.delivery import Delivery
from bloomery.site.metal.numbers import MOST, STRIDE, Declared, Numbered, numbered
from bloomery.site.reading.document import Document, Path
from bloomery.site.reading.entries import Entries, Entry, entries, mapping
from bloomery.site.types.name_range import expand, is_rack_or_range


def rack_faults(document: Document, delivery: Delivery) -> Iterator[Fault]:
    """A rack that is there twice, by name or by number, or whose machines get no address; each told
    once per entry."""
    racks = _racks(document)
    by_entry = _by_entry(racks)
    yield from _names_taken(document, racks)
    yield from _numbers_taken(document, racks, by_entry)
    yield from _beyond_network(document, racks, by_entry, delivery)


def rack_names(document: Document) -> set[str]:
    """Every rack of the document, spans written out; what is no rack name is left out."""
    return {name for _, entry in _racks(document) for name in _names(entry)}


def written_numbers(document: Document) -> Mapping[str, int]:
    """Rack -> its number, by what is written, right or wrong; the first that is declared holds."""
    found: dict[str, int] = {}
    for numbers in _by_entry(_racks(document)).values():
        for _, name, number in numbers:
            found.setdefault(name, number)
    return found


def _racks(document: Document) -> Entries:
    return entries((document.data or {}).get("racks"), ("racks",))


def _names(entry: Entry) -> tuple[str, ...]:
    written = entry.get("name")
    if not isinstance(written, str) or not is_rack_or_range(written):
        return ()
    try:
        return expand(written)
    except PydanticCustomError:
        return ()  # told by its field


def _by_entry(racks: Entries) -> Mapping[int, Sequence[Numbered]]:
    """Numbers of the racks of each entry. What is no number counts as left out: its field says
    what is wrong with it."""
    found: dict[int, list[Numbered]] = defaultdict(list)
    for one in numbered(Declared(_names(entry), _number(entry)) for _, entry in racks):
        found[one.entry].append(one)
    return found


def _number(entry: Entry) -> int | None:
    written = entry.get("number")
    sound = isinstance(written, str) and re.fullmatch(
        rf"[1-9][0-9]{{0,{MOST_DIGITS - 1}}}", written
    )
    return int(sound[0]) if sound else None


def _at(path: Path, entry: Entry) -> Path:
    """The key that gives the entry its numbers."""
    return (*path, "number" if "number" in entry else "name")


def _names_taken(document: Document, racks: Entries) -> Iterator[Fault]:
    """NetBox, DNS and file systems do not all tell ``A01`` from ``a01``."""
    names: dict[str, tuple[str, Path]] = {}
    for path, entry in racks:
        singles = _names(entry)
        taken = [name for name in singles if name.lower() in names]
        if taken:
            holder, (*_, held, at) = names[taken[0].lower()]
            hint = f"{held}[{at}] has it"
            if holder != taken[0]:
                hint += f" as {holder!r}; capital and small letters do not tell racks apart"
            yield document.fault((*path, "name"), f"name {_run(taken)!r} is taken", hint)
        for name in singles:
            names.setdefault(name.lower(), (name, path))


def _run(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}..{names[-1]}"


def _numbers_taken(
    document: Document, racks: Entries, by_entry: Mapping[int, Sequence[Numbered]]
) -> Iterator[Fault]:
    holders: dict[int, str] = {}
    known: set[str] = set()
    for at, (path, entry) in enumerate(racks):
        for _, name, number in by_entry.get(at, ()):
            holder = holders.setdefault(number, name)
            told = ("", "")
            if holder.lower() != name.lower() and name.lower() not in known:
                hint = "host addresses follow the number; give each rack its own"
                told = f"rack number {number} is taken by {holder!r}", hint
            elif number > MOST:
                told = f"{name} has number {number}", f"at most {MOST}"
            if told[0]:
                yield document.fault(_at(path, entry), *told)
                break
        known |= {it.name.lower() for it in by_entry.get(at, ())}


def _beyond_network(
    document: Document,
    racks: Entries,
    by_entry: Mapping[int, Sequence[Numbered]],
    delivery: Delivery,
) -> Iterator[Fault]:
    """Written numbers whose machines have no address. Of others rule M5 speaks: nobody wrote
    them."""
    networks = mapping((document.data or {}).get("networks"))
    written = mapping(networks.get("provisioning")).get("cidr")
    try:
        network = ipaddress.IPv4Network(written if isinstance(written, str) else "")
    except ValueError:
        return  # told by its field
    last = network.num_addresses // STRIDE - 1
    filled = {machine.rack for machine in delivery.machines}
    for at, (path, entry) in enumerate(racks):
        beyond = [it for it in by_entry.get(at, ()) if it.number > last and it.name in filled]
        if beyond and "number" in entry and last > 0:
            reason = f"{beyond[0].name} has number {beyond[0].number}, whose hosts have no address"
            hint = f"{network} has {STRIDE} addresses each for numbers up to {last}"
            yield document.fault((*path, "number"), reason, hint)
