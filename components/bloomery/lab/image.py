"""The image hosts are installed from: one Debian tree, built once, shared read-only.

The tree is the lower layer of every host's disk. It is built beside its place and
renamed when whole, so a half-finished one is never used; its name is the digest of the
recipe, so a changed recipe is another tree.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from bloomery.lab.cgroup import Cgroup
from bloomery.lab.lock import held
from bloomery.lab.spec import ImageSpec
from bloomery.lab.worker import follow
from bloomery.statedir import cache_root

DEBIAN = "bookworm"
"""Debian release of the image; Debian 12, as the release's packages were tried on it."""

CUSTOMIZE: tuple[str, ...] = (
    # A host key or machine id in the image would be shared by every host.
    'rm -f "$1"/etc/ssh/ssh_host_*',
    ': > "$1"/etc/machine-id',
    'rm -f "$1"/etc/resolv.conf',
    'echo localhost > "$1"/etc/hostname',
    # The network file comes with the seed; names are resolved by /etc/hosts.
    'chroot "$1" systemctl enable ssh.service systemd-networkd.service',
    'chroot "$1" systemctl disable systemd-networkd-wait-online.service',
    # No console login in a lab host: the console is a file.
    'chroot "$1" systemctl mask getty.target console-getty.service',
    # Nothing may hold apt's lock by itself, nor change a host behind its plan.
    'chroot "$1" systemctl mask apt-daily.timer apt-daily-upgrade.timer',
    'rm -rf "$1"/usr/share/doc/* "$1"/usr/share/man/* "$1"/usr/share/locale/*',
    'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/archives/*.deb',
)
"""Steps after the packages are in, run by the builder with the tree as ``$1``."""


def recipe_digest(image: ImageSpec) -> str:
    """SHA-256 of everything that shapes the tree, hex. The mirror used is not part of it."""
    recipe = {"debian": DEBIAN, "base": sorted(image.base), "customize": CUSTOMIZE}
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()


def lab_cache(env: Mapping[str, str]) -> Path:
    """Cache directory of all labs of this user."""
    return cache_root(env) / "lab"


def image_dir(cache: Path, recipe: str) -> Path:
    """Place of the tree with this recipe."""
    return cache / "images" / recipe[:16]


def ensure_image(
    cache: Path, image: ImageSpec, builder: Cgroup, progress: Callable[[str], None]
) -> Path:
    """The tree, built if it is not there. LabError with the builder's last words.

    The builder runs in the control group ``builder``, so that ``down`` finds it when this
    process was killed; it inherits the lock, so that nobody builds beside it.
    """
    place = image_dir(cache, recipe_digest(image))
    title = f"image {image.name} (Debian {DEBIAN}, about half a minute)"

    def build(draft: Path, lock: int) -> Path:
        _build(draft, image, builder, lock, progress)
        return draft

    return built_once(place, cache / "image.lock", title, build, progress)


def built_once(
    place: Path,
    lock: Path,
    title: str,
    build: Callable[[Path, int], Path],
    progress: Callable[[str], None],
) -> Path:
    """``place``, built beside it where it is not there, and renamed when whole.

    ``build`` is handed a directory to make and the held lock; what it returns, that directory or
    one in it, becomes ``place``. What a killed builder left is cleared away.
    """
    if place.is_dir():
        return place
    name = " ".join(title.split()[:2])
    with held(lock, lambda: progress(f"waiting for another lab to build {name}")) as handle:
        if place.is_dir():
            return place
        place.parent.mkdir(parents=True, exist_ok=True)
        for stale in place.parent.glob(".new-*"):
            shutil.rmtree(stale)
        draft = place.parent / f".new-{place.name}"
        progress(f"building {title}")
        build(draft, handle).rename(place)
        shutil.rmtree(draft, ignore_errors=True)
    progress(f"{name} is ready")
    return place


def _build(
    draft: Path, image: ImageSpec, builder: Cgroup, lock: int, progress: Callable[[str], None]
) -> None:
    hooks = [f"--customize-hook={step}" for step in CUSTOMIZE]
    command = ["mmdebstrap", "--variant=minbase", f"--include={','.join(image.base)}", *hooks]

    def line(text: str) -> None:
        if text.startswith("I: "):
            progress(f"image: {text[3:].strip()}")

    follow([*command, DEBIAN, str(draft)], builder, lock, line)
