"""Media as the virtual drives see them: small ISO 9660 images of flat files.

The OS medium holds no packages. It names the image and its recipe, and brings what
a host must trust from its first boot; the blocks come from the lab's image store,
which the installation checks against the recipe named here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pycdlib
from pycdlib.pycdlibexception import PyCdlibException

from bloomery.errors import LabError

OS_VOLUME = "BLOOMERY_OS"
"""Volume name of the OS medium; one with a seed on it has the seed's name."""

OS_FILES = ("media.json", "depot.asc")
"""Files of an OS medium."""

SEED_VOLUME = "CIDATA"
"""Volume name of a seed, the one cloud-init's NoCloud source looks for."""


def make_iso(volume: str, files: Mapping[str, bytes]) -> bytes:
    """An image of flat files (Rock Ridge 1.09 and Joliet 3), in memory."""
    iso = pycdlib.PyCdlib()
    iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident=volume)
    for number, (name, data) in enumerate(sorted(files.items())):
        iso.add_fp(
            io.BytesIO(data),
            len(data),
            iso_path=f"/F{number:07d}.;1",
            rr_name=name,
            joliet_path=f"/{name}",
        )
    image = io.BytesIO()
    iso.write_fp(image)
    iso.close()
    return image.getvalue()


def read_iso(image: bytes) -> tuple[str, dict[str, bytes]]:
    """Volume name and files of an image, by their paths. LabError when it is none."""
    iso = pycdlib.PyCdlib()
    try:
        iso.open_fp(io.BytesIO(image))
        volume = iso.pvd.volume_identifier.decode("ascii", "replace").strip()
        files = {name: _file(iso, name) for name in _names(iso)}
        iso.close()
    except PyCdlibException as error:
        raise LabError(f"not a readable medium: {error}") from error
    return volume, files


def _names(iso: pycdlib.PyCdlib) -> list[str]:
    """Paths of all files without the slash in front, by Rock Ridge."""
    return [
        f"{folder.rstrip('/')}/{name}".lstrip("/")
        for folder, _, names in iso.walk(rr_path="/")
        for name in names
    ]


def _file(iso: pycdlib.PyCdlib, name: str) -> bytes:
    data = io.BytesIO()
    iso.get_file_from_iso_fp(data, rr_path=f"/{name}")
    return data.getvalue()


@dataclass(frozen=True)
class Medium:
    """What an OS medium says."""

    image: str
    """Name of the image."""
    recipe: str
    """Digest of the recipe the image was built by, hex."""
    depot: str
    """URL of the signed package mirror; empty where the lab has none."""
    depot_key: str
    """Public key of the mirror, ASCII armour; empty where the lab has none."""

    def iso(self) -> bytes:
        """The medium itself, for machines whose lab lays the image."""
        return make_iso(OS_VOLUME, self.files())

    def files(self) -> dict[str, bytes]:
        """File name -> content."""
        about = {"image": self.image, "recipe": self.recipe, "depot": self.depot}
        files = {"media.json": json.dumps(about, sort_keys=True).encode()}
        if self.depot_key:
            files["depot.asc"] = self.depot_key.encode()
        return files


def read_medium(image: bytes) -> Medium:
    """Read an OS medium. LabError when it is something else."""
    volume, files = read_iso(image)
    if volume not in (OS_VOLUME, SEED_VOLUME) or "media.json" not in files:
        raise LabError(f"volume {volume!r} is no OS medium")
    about = _object(files["media.json"])
    key = files.get("depot.asc", b"").decode("ascii", "replace")
    return Medium(about["image"], about["recipe"], about.get("depot", ""), key)


@dataclass(frozen=True)
class Seed:
    """A node's first-boot data. Its ``repr`` shows no key."""

    meta: Mapping[str, str]
    """``site node generation image hostname user``, ``fqdn`` where the node has a domain, and
    ``ssh_port`` where it is not 22."""
    files: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"Seed({self.meta.get('node')!r})"

    def record(self) -> dict[str, object]:
        """What an installation leaves in ``/etc/bloomery/install.json``."""
        texts = {key: self.meta[key] for key in ("site", "node", "image")}
        return {**texts, "generation": int(self.meta["generation"])}

    def text(self, name: str) -> str:
        """One file of the seed. LabError where it is missing."""
        if name not in self.files:
            raise LabError(f"the seed has no file {name}")
        return self.files[name].decode()


def read_seed(image: bytes) -> Seed:
    """Read a seed. LabError when it is something else or incomplete."""
    volume, files = read_iso(image)
    if volume != SEED_VOLUME:
        raise LabError(f"volume {volume!r} is no seed")
    return seed_of(files)


def seed_of(files: Mapping[str, bytes]) -> Seed:
    """The seed of these files. LabError when it is incomplete."""
    if "meta.json" not in files:
        raise LabError("this is no seed: it lacks meta.json")
    meta = _object(files["meta.json"])
    missing = {"site", "node", "generation", "image", "hostname", "user"} - meta.keys()
    if missing:
        raise LabError(f"the seed's meta.json lacks {', '.join(sorted(missing))}")
    return Seed(meta, {name: data for name, data in files.items() if name not in OS_FILES})


def _object(data: bytes) -> dict[str, str]:
    try:
        value = json.loads(data)
    except ValueError as error:
        raise LabError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise LabError("not a JSON object")
    return {str(key): str(item) for key, item in value.items()}
