"""The manifest of a medium: a SHA-256 of every file, so that one signature speaks for all.

It lies on the medium itself as ``medium.json``. Its room is measured before the image is made, and
it is filled in after: making an image may change a file, as boot loaders name their own place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

import pycdlib

MANIFEST = "medium.json"
"""Its name on the medium."""

LINE = 2 * hashlib.sha256().digest_size + 16
"""Bytes of one file in a manifest beside its name, with what JSON puts around."""

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
        listed = [name for name in _names(iso) if name not in {MANIFEST, *other}]
        digests = {name: _said(iso, image, name) for name in listed}
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


def _said(iso: pycdlib.PyCdlib, image: Path, name: str) -> str:
    """SHA-256 of a file, or where a link leads."""
    record = iso.get_record(rr_path=f"/{name}")
    extension = getattr(record, "rock_ridge", None)
    if extension is not None and extension.is_symlink():
        return f"link:{extension.symlink_path().decode(errors='replace')}"
    if getattr(record, "inode", None) is None:  # empty, or the boot catalogue
        with image.open("rb") as whole:
            whole.seek(2048 * record.extent_location())
            return hashlib.sha256(whole.read(record.get_data_length())).hexdigest()
    with iso.open_file_from_iso(rr_path=f"/{name}") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
