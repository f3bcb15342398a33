"""The image hosts are installed from: one Debian tree, built once, shared read-only.

The tree is the lower layer of every host's disk. It is built beside its place and
renamed when whole, so a half-finished one is never used; its name is the digest of the
recipe, so a changed recipe is another tree.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from bloomery.lab.spec import ImageSpec
from bloomery.statedir import cache_root

DEBIAN = "bookworm"
"""Debian release of the image; Debian 12, as the release's packages were tried on it."""

CUSTOMIZE: tuple[str, ...] = (
    # A host key or machine id in the image would be shared by every host.
    "rm -f $1/etc/ssh/ssh_host_*",
    ": > $1/etc/machine-id",
    "rm -f $1/etc/resolv.conf $1/etc/hostname",
    "echo localhost > $1/etc/hostname",
    # The network file comes with the seed; names are resolved by /etc/hosts.
    "chroot $1 systemctl enable ssh.service systemd-networkd.service",
    "chroot $1 systemctl disable systemd-networkd-wait-online.service",
    # No disk, no console login and no clock of its own in a lab host.
    "chroot $1 systemctl mask getty.target console-getty.service e2scrub_reap.service",
    "rm -rf $1/usr/share/doc/* $1/usr/share/man/* $1/usr/share/locale/*",
    "rm -rf $1/var/lib/apt/lists/* $1/var/cache/apt/archives/*.deb",
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
