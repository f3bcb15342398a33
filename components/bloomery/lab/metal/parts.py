"""The parts of the installation medium: kernel, initramfs, EFI image, host image.

Built once from Debian's packages and shared by all labs of a user, as the image of the
guests is: beside its place, renamed when whole, named by the digest of its recipe.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from bloomery.lab.cgroup import Cgroup
from bloomery.lab.image import CUSTOMIZE, DEBIAN, built_once
from bloomery.lab.spec import ImageSpec
from bloomery.lab.worker import follow

FILES = Path(__file__).parent / "files"
"""The scripts: one makes the parts, one is the installer."""

PACKAGES: tuple[str, ...] = (
    "linux-image-cloud-amd64",  # small, with NVMe and ext4 in it: boots without an initrd
    "shim-signed",  # first boot loader, signed for Secure Boot
    "grub-efi-amd64-signed",  # second one, signed by Debian
    "busybox-static",  # shell and small programmes of the installer
    "fdisk",  # writes the partition table
    "dosfstools",  # makes the EFI system partition
    "e2fsprogs",  # makes the root file system as large as its partition
    "zstd",  # unpacks the host image
    "openssl",  # verifies the manifest
    "jq",  # reads seed and manifest
    "mdadm",  # mirrors the disk
    "cryptsetup-initramfs",  # opens an encrypted one from the initrd
    "clevis-initramfs",  # has the TPM open it; systemd's way needs an initrd by systemd or dracut
    "clevis-tpm2",
)
"""Beside the packages of the release, in the tree that image and installer are made from."""

LIGHTER: tuple[str, ...] = (
    # Translated instructions: what no host of a lab needs at boot costs seconds each.
    'chroot "$1" systemctl mask e2scrub_reap.service e2scrub_all.timer fstrim.timer',
    'chroot "$1" systemctl mask systemd-pstore.service dpkg-db-backup.timer',
    'chroot "$1" systemctl mask mdcheck_start.timer mdcheck_continue.timer mdmonitor-oneshot.timer',
    'chroot "$1" systemctl set-default multi-user.target',
)
"""Steps after those of the guests' image."""

MEDIUM_PARTS = ("vmlinuz", "initrd.img", "efi.img", "host.ext4.zst", "host-initrd.img")
"""Files of the parts' directory."""


def parts_recipe(image: ImageSpec) -> str:
    """SHA-256 of everything that shapes the parts, hex. The mirror used is not part of it."""
    scripts = [(FILES / name).read_text(encoding="utf-8") for name in ("build.sh", "install.sh")]
    packages = sorted({*image.base, *PACKAGES})
    recipe = {"debian": DEBIAN, "packages": packages, "steps": [*CUSTOMIZE, *LIGHTER, *scripts]}
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()


def parts_dir(cache: Path, recipe: str) -> Path:
    """Place of the parts with this recipe."""
    return cache / "machines" / recipe[:16]


def ensure_parts(
    cache: Path, image: ImageSpec, builder: Cgroup, progress: Callable[[str], None]
) -> Path:
    """The parts, built where they are not there. LabError with the builder's last words.

    Inherits lock and control group as ``ensure_image`` does.
    """
    place = parts_dir(cache, parts_recipe(image))
    title = f"medium {image.name} (Debian {DEBIAN}, about two minutes)"

    def build(draft: Path, lock: int) -> Path:
        _build(draft, image, builder, lock, progress)
        return draft / "parts"

    return built_once(place, cache / "machines.lock", title, build, progress)


def _build(
    draft: Path, image: ImageSpec, builder: Cgroup, lock: int, progress: Callable[[str], None]
) -> None:
    draft.mkdir()
    packages = ",".join(sorted({*image.base, *PACKAGES}))
    hooks = [f"--customize-hook={step}" for step in (*CUSTOMIZE, *LIGHTER)]
    # INITRD=No: the kernel's package makes no initrd, which nothing here would use.
    make_tree = ["env", "INITRD=No", "mmdebstrap", "--variant=minbase", f"--include={packages}"]

    def line(text: str) -> None:
        if text.startswith("I: "):
            progress(f"medium: {text[3:].strip()}")

    follow([*make_tree, *hooks, DEBIAN, str(draft / "tree")], builder, lock, line)
    script, installer = FILES / "build.sh", FILES / "install.sh"
    words = ["sh", str(script), str(draft / "tree"), str(draft / "parts"), str(installer)]
    follow(words, builder, lock, lambda text: progress(f"medium: {text}"))
