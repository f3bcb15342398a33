"""Two files into one frozen ``Site``, or every fault of both."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from bloomery.errors import Fault, FaultsError
from bloomery.site.delivery import Delivery, parse_delivery
from bloomery.site.document import Document, parse
from bloomery.site.fill import fill_faults, gaps
from bloomery.site.model import Site, SiteSheet
from bloomery.site.names import name_faults
from bloomery.site.wording import tell

SITE_FILE = "site.yaml"
"""What people choose."""

MACHINES_FILE = "machines.csv"
"""The delivery list."""


def load(path: Path | str) -> Site:
    """Read the site in directory ``path``. Raises FaultsError with all faults of both files."""
    directory = Path(path)
    document = _read_document(directory / SITE_FILE)
    delivery = _read_delivery(directory / MACHINES_FILE)
    sheet = _sheet(document)
    faults = [*document.faults, *delivery.faults, *name_faults(document, delivery)]
    if faults or sheet is None:
        raise FaultsError(
            sorted(
                dict.fromkeys(faults), key=lambda fault: (fault.file != document.file, fault.line)
            )
        )
    return Site.model_validate({**dict(sheet), "machines": tuple(delivery.machines)}, by_name=True)


def _sheet(document: Document) -> SiteSheet | None:
    if document.data is None:
        return None
    document.faults.extend(fill_faults(document, SiteSheet))
    try:
        return SiteSheet.model_validate(document.data)
    except ValidationError as error:
        unfilled = set(gaps(document))
        document.faults.extend(
            document.fault(*told) for told in tell(SiteSheet, error) if told[0] not in unfilled
        )
        return None


def _read_document(file: Path) -> Document:
    text = _text(file)
    return Document(str(file), faults=[text]) if isinstance(text, Fault) else parse(str(file), text)


def _read_delivery(file: Path) -> Delivery:
    text = _text(file)
    if isinstance(text, Fault):
        return Delivery(str(file), faults=[text])
    return parse_delivery(str(file), text)


def _text(file: Path) -> str | Fault:
    """Text of ``file``; a byte order mark is dropped, spreadsheets write one."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return Fault(str(file), 0, "(file)", "not UTF-8", f"byte {error.start} cannot be read")
    except OSError as error:
        return Fault(str(file), 0, "(file)", f"cannot be read: {error.strerror}")
