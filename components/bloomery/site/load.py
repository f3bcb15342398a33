"""Two files into one frozen ``Site``, or every fault of both.

Where a national file stands beside the site's directory, it gives what the site leaves out,
and its locks are held against what the site writes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from bloomery.errors import Fault, FaultsError
from bloomery.site.draft.substitute import Replaced, Substitute, because, substitute
from bloomery.site.host_addresses import address_faults
from bloomery.site.metal.delivery import Delivery, parse_delivery
from bloomery.site.metal.placeholder_identity import with_placeholders
from bloomery.site.metal.rack_names import written_numbers
from bloomery.site.model import Site, SiteSheet
from bloomery.site.names import name_faults
from bloomery.site.national.locks import Lock
from bloomery.site.national.national_file import National, fill_in, lock_faults, national_file
from bloomery.site.national.national_sheet import binds, read_national
from bloomery.site.reading.document import Document, parse
from bloomery.site.reading.document import Path as Place
from bloomery.site.reading.draft_gaps import gap_faults, gaps
from bloomery.site.reading.fault_texts import tell

SITE_FILE = "site.yaml"
"""What people choose."""

MACHINES_FILE = "machines.csv"
"""The delivery list."""


def load(path: Path | str, *, draft: bool = False) -> Site:
    """Read the site in directory ``path``.

    With ``draft``, rows of the delivery list without any identity get one that stands in
    (``with_placeholders``): enough to plan and check by, never to bring a machine up. Raises
    FaultsError with all faults of its files, and of the national file it obeys.
    """
    return _load(Path(path), {}, draft=draft)[0]


@dataclass(frozen=True)
class Tried:
    """A site with other models in the place of some."""

    before: Site
    after: Site
    replaced: tuple[Replaced, ...]
    """Where other models were written, kind by kind."""


def load_substituted(
    path: Path | str, wanted: Mapping[str, Substitute], *, draft: bool = False
) -> Tried:
    """The site in ``path`` as it is written, and with ``wanted`` (old model -> new one).

    Raises FaultsError with all faults of the site as it is written, or else of ``wanted``, or else
    of the site that comes of it.
    """
    before = load(path, draft=draft)
    after, replaced = _load(Path(path), wanted, draft=draft)
    return Tried(before, after, replaced)


def _load(
    directory: Path, wanted: Mapping[str, Substitute], *, draft: bool
) -> tuple[Site, tuple[Replaced, ...]]:
    document = read_document(directory / SITE_FILE)
    delivery = _read_delivery(directory / MACHINES_FILE, document if draft else None)
    national = load_national(directory)
    replaced = _substitute(document, delivery, national, wanted) if wanted else ()
    made = fill_in(national, document) if national else {}
    sheet = _sheet(document, made)
    faults = [*document.faults, *delivery.faults, *name_faults(document, delivery)]
    faults += address_faults(document, SiteSheet, delivery)
    if national:
        faults += [*national.faults, *lock_faults(national, document, sheet, made)]
    if faults or sheet is None:
        rank = {document.file: 0, delivery.file: 2}
        ordered = sorted(
            dict.fromkeys(faults), key=lambda fault: (rank.get(fault.file, 1), fault.line)
        )
        raise FaultsError(because(ordered, wanted) if wanted else ordered)
    machines = tuple(delivery.machines)
    return Site.model_validate({**dict(sheet), "machines": machines}, by_name=True), replaced


def _substitute(
    document: Document,
    delivery: Delivery,
    national: National | None,
    wanted: Mapping[str, Substitute],
) -> tuple[Replaced, ...]:
    """Before the nation gives anything: what it gives stands for what the changed site leaves out,
    and its locks judge what was written."""
    whole = replace(document, data=deepcopy(document.data))
    if national:
        fill_in(national, whole)
    return substitute(document, whole, delivery, wanted)


def load_national(directory: Path) -> National | None:
    """The national file that binds the site in ``directory``; None where there is none.

    Its faults stand in it. A file that is there and cannot be read is a fault, never none.
    """
    file = national_file(directory)
    if not os.path.lexists(file):
        return None
    document = read_document(file)
    return read_national(document) if binds(document, directory.absolute().name) else None


def _sheet(document: Document, made: Mapping[Place, Lock]) -> SiteSheet | None:
    if document.data is None:
        return None
    document.faults.extend(gap_faults(document, SiteSheet))
    try:
        return SiteSheet.model_validate(document.data)
    except ValidationError as error:
        unfilled = set(gaps(document))
        for path, reason, hint in tell(SiteSheet, error):
            if path not in unfilled:
                document.faults.append(document.fault(path, reason, _asked(path, hint, made)))
        return None


def _asked(path: Place, hint: str, made: Mapping[Place, Lock]) -> str:
    """``hint``, and the national line that put the value or its section there."""
    lock = next((made[path[:end]] for end in range(len(path), 0, -1) if path[:end] in made), None)
    return "; ".join(part for part in (hint, f"required by {lock.told}" if lock else "") if part)


def read_document(file: Path) -> Document:
    """One YAML file; where it cannot be read, that is its only fault."""
    text = _text(file)
    return Document(str(file), faults=[text]) if isinstance(text, Fault) else parse(str(file), text)


def _read_delivery(file: Path, draft: Document | None) -> Delivery:
    text = _text(file)
    if isinstance(text, Fault):
        return Delivery(str(file), faults=[text])
    if draft:
        text = with_placeholders(text, _oob(draft), written_numbers(draft))
    return parse_delivery(str(file), text)


def _oob(document: Document) -> str | None:
    """Network of the BMCs as it is written, right or wrong."""
    networks = (document.data or {}).get("networks")
    oob = networks.get("oob") if isinstance(networks, dict) else None
    cidr = oob.get("cidr") if isinstance(oob, dict) else None
    return cidr if isinstance(cidr, str) else None


def _text(file: Path) -> str | Fault:
    """Text of ``file``; a byte order mark is dropped, spreadsheets write one."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return Fault(str(file), 0, "(file)", "not UTF-8", f"byte {error.start} cannot be read")
    except OSError as error:
        return Fault(str(file), 0, "(file)", f"cannot be read: {error.strerror}")
