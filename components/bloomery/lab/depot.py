"""The lab's package mirror: what a release needs, downloaded once, signed per lab.

The packages and everything they depend on come through apt, which checks Debian's
signatures, into a cache that all labs of a user share. Each lab signs its own index with
its own key; hosts know that key from their installation, never from the mirror.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bloomery.errors import LabError
from bloomery.lab import llama
from bloomery.lab.cgroup import Cgroup
from bloomery.lab.command import run
from bloomery.lab.files import write_whole
from bloomery.lab.image import image_dir, recipe_digest
from bloomery.lab.lock import held
from bloomery.lab.signing import Signer
from bloomery.lab.spec import ImageSpec
from bloomery.lab.worker import follow

COMPONENT = "main"
"""Component of the repository; one is enough."""


@dataclass(frozen=True)
class Depot:
    """Files of one lab's mirror."""

    cache: Path
    """Cache directory of all labs."""
    place: Path
    """The lab's own part: index, signature, key."""
    image: ImageSpec

    @property
    def store(self) -> Path:
        """Downloaded packages and their index, by digest of what was asked for."""
        asked = [recipe_digest(self.image), *sorted(self.mirrored)]
        digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        return self.cache / "depot" / digest[:16]

    @property
    def mirrored(self) -> tuple[str, ...]:
        """Packages that come from Debian: all but those that are built here."""
        return tuple(name for name in self.image.packages if name != llama.PACKAGE)

    @property
    def files(self) -> Path:
        """Other files hosts fetch, such as programmes built for a release; at ``/files``."""
        return files_dir(self.cache)

    @property
    def public_key(self) -> Path:
        """Key the index is signed with, ASCII armoured."""
        return self.place / "depot.asc"

    def folders(self) -> dict[str, Path]:
        """URL prefix -> directory, for the web server."""
        return {
            "/dists": self.place / "dists",
            "/pool": self.store / "pool",
            "/files": self.files,
        }

    def ensure(self, builder: Cgroup, progress: Callable[[str], None]) -> None:
        """Download what is missing and sign the index. LabError with apt's reason."""
        self._download(builder, progress)
        built = self._build(builder, progress)
        stamp = self.place / "signed.json"
        # A cache that was emptied and filled again holds other bytes under the same name.
        index = hashlib.sha256((self.store / "Packages").read_bytes()).hexdigest()
        signed = {"index": index, "suite": self.image.suite, "built": built}
        if stamp.exists() and json.loads(stamp.read_bytes()) == signed:
            return
        self._sign(built)
        write_whole(stamp, json.dumps(signed).encode())
        progress(f"depot: index of suite {self.image.suite} is signed")

    def _download(self, builder: Cgroup, progress: Callable[[str], None]) -> None:
        if self.store.is_dir():
            return
        lock = self.cache / "depot.lock"
        with held(lock, lambda: progress("waiting for another lab to fill its depot")) as handle:
            if self.store.is_dir():
                return
            self.store.parent.mkdir(parents=True, exist_ok=True)
            for stale in self.store.parent.glob(".new-*"):
                shutil.rmtree(stale)
            draft = self.store.parent / f".new-{self.store.name}"
            tree = image_dir(self.cache, recipe_digest(self.image))
            fetch_packages(tree, self.mirrored, draft, builder, handle, progress)
            (draft / "Packages").write_bytes(_index(draft, "pool"))
            draft.rename(self.store)

    def _build(self, builder: Cgroup, progress: Callable[[str], None]) -> list[str]:
        """Folders below ``files`` with packages that no mirror has, built where missing."""
        if llama.PACKAGE not in self.image.packages:
            return []
        return [llama.ensure_package(self.cache, self.files, builder, progress).parent.name]

    def _sign(self, built: Sequence[str]) -> None:
        """``dists/SUITE`` with Release, InRelease and the packages' index."""
        suite = self.place / "dists" / self.image.suite
        shutil.rmtree(suite, ignore_errors=True)
        architecture = run(["dpkg", "--print-architecture"]).strip()
        binary = suite / COMPONENT / f"binary-{architecture}"
        binary.mkdir(parents=True)
        indexes = [_index(self.cache, f"{self.files.name}/{name}") for name in built]
        index = b"".join([(self.store / "Packages").read_bytes(), *indexes])
        (binary / "Packages").write_bytes(index)
        (binary / "Packages.gz").write_bytes(gzip.compress(index, mtime=0))
        about = {
            "Origin": "bloomery",
            "Label": "bloomery lab depot",
            "Suite": self.image.suite,
            "Codename": self.image.suite,
            "Architectures": architecture,
            "Components": COMPONENT,
        }
        options = [f"-oAPT::FTPArchive::Release::{key}={value}" for key, value in about.items()]
        release = run(["apt-ftparchive", *options, "release", str(suite)])
        signer = Signer(self.place / "key", f"bloomery lab depot {self.place.parent.parent.name}")
        (suite / "Release").write_text(release, encoding="utf-8")
        (suite / "InRelease").write_text(signer.clear_sign(release), encoding="utf-8")
        write_whole(self.public_key, signer.public_key().encode(), mode=0o644)


def files_dir(cache: Path) -> Path:
    """Directory behind the mirror's ``/files``, in the cache of all labs."""
    return cache / "files"


def fetch_packages(
    tree: Path,
    packages: Sequence[str],
    draft: Path,
    builder: Cgroup,
    lock: int,
    progress: Callable[[str], None],
) -> None:
    """Download ``packages`` and what they need beyond ``tree`` into ``draft/pool``.

    The machine's own apt does it, as if it ran inside the tree: with its sources, its
    keys and its list of installed packages.
    """
    for folder in ("lists/partial", "archives/partial", "pool"):
        (draft / folder).mkdir(parents=True)
    settings = {
        "Dir::Etc": f"{tree}/etc/apt",
        "Dir::State::Lists": f"{draft}/lists",
        "Dir::State::Status": f"{tree}/var/lib/dpkg/status",
        "Dir::State::extended_states": f"{draft}/extended",
        "Dir::Cache": str(draft),
        "Dir::Cache::Archives": f"{draft}/archives",
        "APT::Sandbox::User": "root",
        "APT::Install-Recommends": "false",
        "Acquire::Languages": "none",
    }
    options = [f"-o{key}={value}" for key, value in settings.items()]
    progress("depot: reading package lists")
    apt = ["apt-get", "-q", "-y", *options]
    follow([*apt, "update"], builder, lock, lambda _: None)
    progress(f"depot: downloading {len(packages)} packages and what they need")
    count = _Count(progress)
    follow([*apt, "install", "--download-only", *packages], builder, lock, count.line)
    for package in (draft / "archives").glob("*.deb"):
        # apt writes an epoch's colon as %3a; a URL would read it as a colon again.
        package.rename(draft / "pool" / package.name.replace("%3a", "-"))
    for folder in ("lists", "archives"):
        shutil.rmtree(draft / folder)


class _Count:
    """Says how far a download is, once every so many packages."""

    EVERY = 25

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._seen = 0

    def line(self, text: str) -> None:
        """One line of apt."""
        if text.startswith("Get:"):
            self._seen += 1
            if self._seen % self.EVERY == 0:
                self._progress(f"depot: {self._seen} packages")


def _index(place: Path, folder: str) -> bytes:
    """Index of the packages in ``folder``, with paths as the web server shows them."""
    index = run(["env", "-C", str(place), "apt-ftparchive", "packages", folder]).encode()
    if not index:
        raise LabError("there are no packages", subject=str(place / folder))
    return index
