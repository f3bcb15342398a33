"""The shared part of a medium: an ISO 9660 image with room for one machine's seed.

``xorriso`` lays the files of an installation medium, if there is one, and empty files of a
fixed size named like those of a seed into one image (volume ``CIDATA``), and keeps how it
boots. For a machine, these files get its content and their directory entries its lengths
(ECMA-119 9.1): no secret is ever on disk, and nothing is copied per machine.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pycdlib
from pycdlib.pycdlibexception import PyCdlibException

from bloomery.errors import NotReadyError
from bloomery.provider.media import manifest
from bloomery.provider.media.kept import DRAFT
from bloomery.provider.media.medium import Medium
from bloomery.provider.media.spans import Spans

VOLUME = "CIDATA"
"""Volume name that cloud-init's NoCloud source looks for. Installers find their own files on a
medium by what is on it; the volume of a drive has but one name, so it is the seed's."""

ROOM = 8192
"""Bytes for each file of a seed: the largest, the JSON file of names, is below 1 KiB."""

MARK = (32769, b"CD001")
"""Where an image of ISO 9660 says that it is one: xorriso takes anything else for an empty one."""

XORRISO_SECONDS = 1800.0
"""Limit for one template: 10 GB from and to a hard disk take a third of it."""


@dataclass(frozen=True)
class Place:
    """Where one file of a seed lies in a template."""

    offset: int
    lengths: tuple[int, ...]
    """Offsets of its length in the directories of the image: one each for both its names."""


@dataclass(frozen=True)
class Template:
    """An image, and where the seed of a machine goes in it."""

    file: Path
    places: Mapping[str, Place]
    manifest: bytes = field(default=b"", repr=False)
    """The SHA-256 of every file that is the same for all machines; empty where it is not signed."""

    def filled(self, files: Mapping[str, bytes]) -> Medium:
        """The medium of one machine. Raises ValueError for files that have no room in it."""
        patches: dict[int, bytes] = {}
        spans: list[tuple[int, int]] = []
        for name, content in files.items():
            if name not in self.places or len(content) > ROOM:
                raise ValueError(f"no room for {name} of {len(content)} bytes in {self.file.name}")
            place = self.places[name]
            patches[place.offset] = content.ljust(ROOM, b"\0")
            patches |= dict.fromkeys(place.lengths, _both_ways(len(content)))
            # Who reads a file asks for its length, and never for the room behind it.
            spans.append((place.offset, place.offset + len(content)))
        return Medium(self.file, patches, Spans.of(spans))


def make_template(
    path: Path, names: Sequence[str], image: Path | None = None, *, signed: bool = False
) -> None:
    """Write the template of ``image`` to ``path``, unless it is there; the first stays.

    Without an image it has room for a seed and nothing else. One that is to be signed has a
    manifest of the image's files. Raises NotReadyError.
    """
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=DRAFT) as folder:
        room, draft = Path(folder, "room"), Path(folder, "draft.iso")
        room.mkdir()
        for name in names:
            (room / name).write_bytes(bytes(ROOM))
        if image is not None and signed:
            _signable(image, draft, room, names)
        else:
            _xorriso(image, draft, room)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(draft, path)


def _signable(image: Path, draft: Path, room: Path, names: Sequence[str]) -> None:
    """An image with a manifest of its files."""
    _must_be_iso(image)
    try:
        (room / manifest.MANIFEST).write_bytes(b" " * manifest.room_for(image))
        _xorriso(image, draft, room)
        manifest.fill_in(draft, names)
    except (PyCdlibException, ValueError) as error:
        raise NotReadyError(f"no manifest can be made of {image}: {error}") from error


def open_template(path: Path, names: Sequence[str], *, signed: bool = False) -> Template:
    """Read where the files of a seed lie. Raises NotReadyError for what is no template."""
    iso = pycdlib.PyCdlib()
    try:
        iso.open(str(path))
        try:
            roots = [iso.get_record(iso_path="/"), iso.get_record(joliet_path="/")]
            spans = [(2048 * one.extent_location(), one.get_data_length()) for one in roots]
            extents = {name: iso.get_record(rr_path=f"/{name}").extent_location() for name in names}
        finally:
            iso.close()
    except (PyCdlibException, OSError) as error:
        raise NotReadyError(
            f"{path} is no template of a medium: {error}", next_step=f"rm {path}"
        ) from error
    digests = manifest.read(path) if signed else b""
    with path.open("rb") as file:
        roots_at = {start: os.pread(file.fileno(), count, start) for start, count in spans}
    places = {name: _place(extents[name], roots_at) for name in names}
    return Template(path, places, digests)


def _place(extent: int, roots: Mapping[int, bytes]) -> Place:
    """A directory entry has the extent, then the length, each in both byte orders."""
    entry = _both_ways(extent) + _both_ways(ROOM)
    lengths = [start + root.index(entry) + 8 for start, root in roots.items()]
    return Place(2048 * extent, tuple(lengths))


def _both_ways(number: int) -> bytes:
    return struct.pack("<I", number) + struct.pack(">I", number)


def _must_be_iso(image: Path) -> None:
    at, mark = MARK
    try:
        with image.open("rb") as file:
            found = os.pread(file.fileno(), len(mark), at)
    except OSError as error:
        raise NotReadyError(f"{image} cannot be read: {error.strerror}") from error
    if found != mark:
        raise NotReadyError(f"{image} is no ISO 9660 image")


def _xorriso(image: Path | None, draft: Path, room: Path) -> None:
    if image is not None:
        _must_be_iso(image)
    program = shutil.which("xorriso")
    if program is None:
        raise NotReadyError("no xorriso on PATH", next_step="apt-get install xorriso")
    source = ["-indev", f"stdio:{image}", "-boot_image", "any", "replay"] if image else []
    order = [
        *(program, "-abort_on", "FAILURE", "-return_with", "FAILURE", "32"),
        *(*source[:2], "-outdev", f"stdio:{draft}", *source[2:], "-volid", VOLUME, "-joliet", "on"),
        *("-map", str(room), "/", "-chmod_r", "a=rX", "/", "--", "-commit"),
    ]
    try:
        done = subprocess.run(
            order,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=XORRISO_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise NotReadyError(f"xorriso took longer than {XORRISO_SECONDS:.0f} s") from None
    if done.returncode != 0 or not draft.exists():
        said = [line for line in done.stderr.splitlines() if "FAILURE" in line or "FATAL" in line]
        reason = said[0] if said else f"exit code {done.returncode}"
        raise NotReadyError(f"xorriso cannot make a medium of {image}: {reason}")
