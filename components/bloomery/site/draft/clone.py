"""A new site made after one that is there: its sizes and choices, none of its identities.

What stays: models, racks, pools, loops, tiers, projects, and every comment. What goes:
identities and addresses of machines, which the delivery list of the new site waits for, and
what only a place knows of itself: networks, URLs, its location. Those are ``TO-FILL``. A key
the nation has locked keeps its value.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from bloomery.errors import Fault, FaultsError
from bloomery.site.load import MACHINES_FILE, SITE_FILE, load, load_national
from bloomery.site.metal.delivery import Place, delivery_template
from bloomery.site.model import Site, SiteSheet
from bloomery.site.national.national_file import National, covers, national_file
from bloomery.site.reading.document import Document, parse
from bloomery.site.reading.document import Path as Spot
from bloomery.site.reading.draft_gaps import TO_FILL, gaps
from bloomery.site.reading.yaml_positions import ScalarPosition, edit, lines_of, positions
from bloomery.site.types.keys import Key, every_key, written
from bloomery.site.types.network_types import Address, AddressPool, Cidr, Endpoint, Url
from bloomery.site.types.text_types import Location

OWN_ADDRESSES = tuple(get_args(word)[1] for word in (Address, AddressPool, Cidr, Endpoint, Url))
"""What makes a key one of addresses: a clone has none before somebody gives it its own."""

OWN_PLACE = get_args(Location)[1]
"""What makes a key one of places: the source's own place is not the clone's."""


@dataclass(frozen=True)
class Cloned:
    """What a clone consists of, before anything is written."""

    site: str
    """Text of ``site.yaml``."""
    machines: str
    """Text of ``machines.csv``."""
    national: Path | None
    """National file the source obeys, if it does."""
    lab: bool
    """Whether its machines are virtual."""
    values: int
    """Values of ``site.yaml`` that are still to be filled."""
    rows: int
    """Rows of ``machines.csv`` that are still to be filled."""


def clone(source: Path, name: str) -> Cloned:
    """The texts of a site called ``name`` made after the one in ``source``.

    Raises FaultsError where the source does not load.
    """
    site = load(source)
    text = (source / SITE_FILE).read_text(encoding="utf-8-sig")
    national = load_national(source)
    document = parse(SITE_FILE, text)
    own = dict(_own(document, site, national))
    addresses = [value for value in own.values() if value != site.location]
    addresses += [machine.bmc_address.partition(":")[0] for machine in site.machines]
    sheet = _forget(_refill(text, document, name, own), addresses, list(_identities(site)))
    places = [Place(it.name, it.pool, it.rack, it.unit, it.number) for it in site.machines]
    return Cloned(
        site=sheet,
        machines=delivery_template(places),
        national=national_file(source) if national else None,
        lab=site.lab,
        values=len(gaps(parse(SITE_FILE, sheet))),
        rows=len(places),
    )


def _refill(text: str, document: Document, name: str, own: Mapping[Spot, str]) -> str:
    where = positions(text)
    changes = {where["site",]: name, **{where[path]: TO_FILL for path in own}}
    if "reinstall" in (document.data or {}):
        # Installations of single machines of the source; the clone's are all new.
        position = where["reinstall",]
        flow = text.startswith("{", position.start)
        changes[position if flow else lines_of(text, document.line(("reinstall",)), position)] = (
            "{}" if flow else ""
        )
    return edit(text, changes)


def _own(document: Document, site: Site, national: National | None) -> Iterator[tuple[Spot, str]]:
    """Values that only the source itself has, and where they stand."""
    for key in every_key(SiteSheet):
        if key.is_plain and not _locked(key, national):
            for path, value in written(document.data, key.pattern):
                if isinstance(value, str) and _is_own(key, path, value, document, site):
                    yield path, value


def _is_own(key: Key, path: Spot, value: str, document: Document, site: Site) -> bool:
    if any(mark in OWN_ADDRESSES for mark in key.validators):
        return True
    if OWN_PLACE not in key.validators or value != site.location:
        return False
    # A list of several places is law; one of the source's place alone speaks of the source.
    return not isinstance(path[-1], int) or _length(document, path[:-1]) == 1


def _length(document: Document, path: Spot) -> int:
    value: object = document.data
    for step in path:
        value = value[step]  # type: ignore[index]  # a path that was found in this document
    return len(value) if isinstance(value, list) else 0


def _locked(key: Key, national: National | None) -> bool:
    return national is not None and any(
        lock.kind == "locked" and covers(lock.key.pattern, key.pattern) for lock in national.locks
    )


def _identities(site: Site) -> Iterator[str]:
    for machine in site.machines:
        yield from (machine.bmc_mac, machine.bmc_address)
        yield from (machine.chassis_serial, machine.system_uuid, machine.bmc_cert_sha256)


def _forget(text: str, addresses: Collection[str], identities: Collection[str]) -> str:
    """``text`` without ``identities`` anywhere, and without ``addresses`` in its comments."""
    unnamed = _replaced(text, identities)
    values = sorted(
        (
            position
            for position in positions(unnamed).values()
            if isinstance(position, ScalarPosition)
        ),
        key=lambda position: position.start,
    )
    parts, at = [], 0
    for position in values:
        parts += [
            _replaced(unnamed[at : position.start], addresses),
            unnamed[position.start : position.end],
        ]
        at = position.end
    return "".join([*parts, _replaced(unnamed[at:], addresses)])


def _replaced(text: str, values: Collection[str]) -> str:
    known = sorted({value for value in values if value}, key=len, reverse=True)
    if not known:
        return text
    pattern = rf"(?<![\w.:-])({'|'.join(map(re.escape, known))})(?![\w-])"
    return re.sub(pattern, TO_FILL, text, flags=re.IGNORECASE)


def refusals(source: Path, target: Path) -> list[Fault]:
    """Why no clone of ``source`` may be written at ``target``; empty where it may."""
    found = []
    if os.path.lexists(target):
        found.append(_there(target))
    mine, theirs = national_file(source), national_file(target)
    if load_national(source) and theirs.exists() and mine.read_bytes() != theirs.read_bytes():
        reason = f"is not the national file of {source}"
        hint = "a region has one national file: make both identical"
        found.append(Fault(str(theirs), 0, "(file)", reason, hint))
    return found


def write(cloned: Cloned, target: Path) -> None:
    """Write a clone as directory ``target``, whole or not at all.

    The national file of its source goes beside it where there is none. Raises FaultsError
    when ``target`` came to be in the meantime.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    beside = national_file(target)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, draft, ignore_errors=True)
        draft.chmod(0o755)
        (draft / SITE_FILE).write_text(cloned.site, encoding="utf-8")
        (draft / MACHINES_FILE).write_text(cloned.machines, encoding="utf-8")
        if cloned.national and not beside.exists():
            undo.callback(beside.unlink, missing_ok=True)
            shutil.copyfile(cloned.national, beside)
        if os.path.lexists(target):
            raise FaultsError([_there(target)])
        draft.rename(target)
        undo.pop_all()


def _there(target: Path) -> Fault:
    return Fault(
        str(target),
        0,
        "(directory)",
        "exists already",
        "choose another name: a clone overwrites no file",
    )
