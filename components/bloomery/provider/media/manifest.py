"""The manifest of a medium: a SHA-256 of every file, so that one signature speaks for all.

It lies on the medium itself as ``medium.json``. Its room is measured before the image is made, and
it is filled in after: making an image may change a file, as boot loaders name their own place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath

import pycdlib
from pycdlib.dr import DirectoryRecord

MANIFEST = "medium.json"
"""Its name on the medium."""

LINE = 2 * hashlib.sha256().digest_size + 16
"""Bytes of one file in a manifest beside its name, with what JSON puts around."""

PIECE = 1024 * 1024
"""Bytes read at once."""

SPARE = 4096
"""Bytes beyond what the files of the image take: for those that making an image adds."""


def room_for(image: Path) -> int:
    """Bytes that are enough for the manifest of a medium made of ``image``."""
    iso = pycdlib.PyCdlib()
    iso.open(str(image))
    try:
        # A name may grow where the image gives it in a shorter form than Rock Ridge allows.
        return SPARE + sum(LINE + 6 * len(name) for name in _names(iso))
    finally:
        iso.close()


def fill_in(image: Path, other: Collection[str]) -> None:
    """Write the manifest into its room; ``other`` are files that differ from machine to machine."""
    iso = pycdlib.PyCdlib()
    iso.open(str(image))
    try:
        own = iso.get_record(rr_path=f"/{MANIFEST}")
        offset, room = 2048 * own.extent_location(), own.get_data_length()
        found = _files(iso, "/")
        digests = {
            name: _said(image, records)
            for name, records in found.items()
            if name not in {MANIFEST, *other}
        }
    finally:
        iso.close()
    text = json.dumps({"files": digests}, sort_keys=True).encode()
    if len(text) > room:
        raise ValueError(f"the manifest takes {len(text)} bytes, and there are {room}")
    with image.open("r+b") as file:
        file.seek(offset)
        file.write(text.ljust(room))


def read(image: Path) -> bytes:
    """The manifest of a medium, as it is signed: with the blanks at its end."""
    iso = pycdlib.PyCdlib()
    iso.open(str(image))
    try:
        with iso.open_file_from_iso(rr_path=f"/{MANIFEST}") as file:
            return bytes(file.read())
    finally:
        iso.close()


def _names(iso: pycdlib.PyCdlib) -> Iterator[str]:
    """Paths of all files, without the slash in front."""
    facade = "rr_path"
    if not iso.has_rock_ridge():
        facade = "joliet_path" if iso.has_joliet() else "iso_path"
    for folder, _, names in iso.walk(**{facade: "/"}):
        for name in names:
            yield str(PurePosixPath(folder, name)).lstrip("/")


def _files(iso: pycdlib.PyCdlib, folder: str) -> dict[str, list[DirectoryRecord]]:
    """Path of each file -> its records in their order: one for each 4 GiB, as ECMA-119 has it."""
    found: dict[str, list[DirectoryRecord]] = {}
    for record in iso.list_children(rr_path=folder):
        if not isinstance(record, DirectoryRecord) or record.is_dot() or record.is_dotdot():
            continue
        path = f"{folder.rstrip('/')}/{_name(record)}"
        if record.is_dir():
            found |= _files(iso, path)
        else:
            found[path.lstrip("/")] = list(_chain(record))
    return found


def _chain(record: DirectoryRecord | None) -> Iterator[DirectoryRecord]:
    while record is not None:
        yield record
        record = record.data_continuation


def _name(record: DirectoryRecord) -> str:
    return record.rock_ridge.name().decode() if record.rock_ridge is not None else ""


def _said(image: Path, records: Sequence[DirectoryRecord]) -> str:
    """SHA-256 of a file, or where a link leads."""
    extension = records[0].rock_ridge
    if extension is not None and extension.is_symlink():
        return f"link:{extension.symlink_path().decode(errors='replace')}"
    said = hashlib.sha256()
    with image.open("rb") as whole:
        # The library opens neither a file of several records nor an empty one.
        for record in records:
            whole.seek(2048 * record.extent_location())
            left = record.get_data_length()
            while piece := whole.read(min(left, PIECE)):
                said.update(piece)
                left -= len(piece)
    return said.hexdigest()
