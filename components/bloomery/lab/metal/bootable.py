"""The installation medium of one site: a CD that starts, with a manifest the site signed."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bloomery.lab.command import run
from bloomery.lab.files import read_json, write_json
from bloomery.lab.medium import OS_VOLUME, Medium
from bloomery.lab.metal.parts import MEDIUM_PARTS

GRUB = """\
serial --unit=0 --speed=115200
terminal_output serial
linux /vmlinuz console=ttyS0
initrd /initrd.img
boot
"""
"""Without a menu: whoever starts from this medium has asked for it through the BMC."""

HOST_PARTS = ("host.ext4.zst", "host-initrd.img")
"""Parts that end up on a disk, by their names on the medium: host image, initrd of a disk that the
kernel alone cannot open."""


@dataclass(frozen=True)
class Bootable:
    """What one medium is made from."""

    parts: Path
    """Directory with kernel, initramfs, EFI image and host image."""
    medium: Medium
    suite: str
    """Suite of the package mirror."""
    key: Ed25519PrivateKey = field(repr=False)
    """Signs the manifest; the seed of every machine brings its public half."""

    def manifest(self) -> bytes:
        """What is signed: a digest of every file the installer goes by, and the suite."""
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in self._small().items()}
        for name in HOST_PARTS:
            with (self.parts / name).open("rb") as file:
                digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
        return json.dumps({"files": digests, "suite": self.suite}, sort_keys=True).encode()

    def write(self, target: Path) -> bool:
        """Write the ISO 9660 image unless it is there already. Returns whether it was written."""
        manifest = self.manifest()
        stamp = target.with_suffix(".json")
        made = {
            "manifest": hashlib.sha256(manifest + self.key.sign(manifest)).hexdigest(),
            "parts": self.parts.name,
        }
        if target.exists() and read_json(stamp) == made:
            return False
        stamp.unlink(missing_ok=True)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        stage = target.with_suffix(".new")
        shutil.rmtree(stage, ignore_errors=True)
        self._stage(stage, manifest)
        _master(stage, target)
        shutil.rmtree(stage)
        write_json(stamp, made)
        return True

    def _small(self) -> dict[str, bytes]:
        return self.medium.files()

    def _stage(self, stage: Path, manifest: bytes) -> None:
        files = {
            **self._small(),
            "manifest.json": manifest,
            "manifest.sig": self.key.sign(manifest),
            "boot/grub/grub.cfg": GRUB.encode(),
            # Debian's GRUB for discs finds its medium by this file.
            ".disk/info": f"{self.medium.image}\n".encode(),
        }
        for name, data in files.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_bytes(data)
        for name in MEDIUM_PARTS:
            (stage / name).symlink_to(self.parts / name)


def _master(stage: Path, target: Path) -> None:
    """El Torito with an EFI image (UEFI 2.10, 13.3.2.1); links are followed."""
    draft = target.with_suffix(".draft")
    options = ["-quiet", "-follow-links", "-volid", OS_VOLUME, "-rational-rock", "-joliet"]
    boot = ["-e", "efi.img", "-no-emul-boot"]
    run(["xorriso", "-as", "mkisofs", *options, *boot, "-output", str(draft), str(stage)])
    draft.replace(target)
