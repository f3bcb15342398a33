"""What the installer of the medium refuses, by its own words on the serial console.

The real kernel and initramfs of the medium, started by QEMU without firmware: the refusals
come before any disk is touched, and half a minute of translated firmware shows nothing more.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bloomery.catalogue import release
from bloomery.lab.cgroup import Cgroup
from bloomery.lab.image import lab_cache
from bloomery.lab.medium import OS_VOLUME, SEED_VOLUME, make_iso
from bloomery.lab.metal.parts import ensure_parts
from bloomery.lab.spec import ImageSpec

UUID, SERIAL = "6d0f7a10-5c1e-4b8a-9a53-530100000001", "S153"
KEY, FOREIGN = (Ed25519PrivateKey.from_private_bytes(sign * 32) for sign in (b"k", b"f"))

STALLED = 300.0
"""Seconds without a word on the console; a kernel under load says something every few."""


@pytest.fixture(scope="module")
def parts() -> Path:
    """Kernel and initramfs of the lab's medium, built where the cache has none."""
    wanted = release("lab-2026.11")
    image = ImageSpec(wanted.image, wanted.base, (), wanted.suite)
    builder = Cgroup.of("bl-metal-refusals")
    try:
        return ensure_parts(lab_cache(os.environ), image, builder, lambda _: None)
    finally:
        builder.remove()


def medium(key: Ed25519PrivateKey = KEY, image: bytes = b"image") -> dict[str, bytes]:
    """Files of an OS medium that ``key`` signed for the image b"image"."""
    about = json.dumps({"image": "i"}).encode()
    digests = {"media.json": about, "host.ext4.zst": b"image", "host-initrd.img": b"initrd"}
    files = {name: hashlib.sha256(data).hexdigest() for name, data in digests.items()}
    manifest = json.dumps({"files": files, "suite": "s"}).encode()
    return {
        "media.json": about,
        "host.ext4.zst": image,
        "host-initrd.img": b"initrd",
        "manifest.json": manifest,
        "manifest.sig": key.sign(manifest),
    }


def seed(**other: str) -> dict[str, bytes]:
    """Files of this machine's seed; ``other`` adds to its meta.json, or replaces what is there."""
    meta = {"node": "n01", "system_uuid": UUID, "chassis_serial": SERIAL, **other}
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {"meta.json": json.dumps(meta).encode(), "medium.pub": public}


def last_words(
    parts: Path, tmp_path: Path, discs: Mapping[str, Mapping[str, bytes]], until: str
) -> str:
    """The console, once it says ``until``; the volumes of ``discs`` are in the drives."""
    console = tmp_path / "console"
    drives = []
    for volume, files in discs.items():
        (tmp_path / volume).write_bytes(make_iso(volume, files))
        node = f"driver=file,filename={tmp_path / volume},node-name={volume},read-only=on"
        drives += ["-blockdev", node, "-device", f"scsi-cd,bus=scsi0.0,drive={volume}"]
    process = subprocess.Popen(
        [
            *("qemu-system-x86_64", "-machine", "q35", "-accel", "tcg,tb-size=128", "-m", "384"),
            *("-cpu", "qemu64,svm=off", "-nodefaults", "-no-user-config"),
            *("-display", "none", "-serial", f"file:{console}", "-append", "console=ttyS0"),
            *("-kernel", str(parts / "vmlinuz"), "-initrd", str(parts / "initrd.img")),
            *("-smbios", f"type=1,serial={SERIAL},uuid={UUID}"),
            *("-device", "virtio-scsi-pci,id=scsi0", *drives),
            *("-blockdev", "driver=null-co,size=1073741824,node-name=disk,read-zeroes=on"),
            *("-device", "nvme,drive=disk,serial=d"),
        ]
    )
    try:
        return _read(console, process, until)
    finally:
        process.kill()
        process.wait()


def _read(console: Path, process: subprocess.Popen[bytes], until: str) -> str:
    said, since = "", time.monotonic()
    while "\n" not in said.partition(until)[2]:
        now = console.read_text(errors="replace") if console.exists() else ""
        if len(now) > len(said):
            said, since = now, time.monotonic()
        assert process.poll() is None, said[-2000:]
        assert time.monotonic() - since < STALLED, said[-2000:]
        time.sleep(0.2)
    return said


Files = Callable[[], Mapping[str, Mapping[str, bytes]]]

CASES: list[tuple[str, Files, str]] = [
    (
        "another machine's UUID",
        lambda: {OS_VOLUME: medium(), SEED_VOLUME: seed(system_uuid=UUID[:-1] + "2")},
        f"refused: the seed is for UUID {UUID[:-1]}2, this machine is {UUID}",
    ),
    (
        "a manifest of another site, on a medium that has the seed too",
        lambda: {SEED_VOLUME: medium(FOREIGN) | seed()},
        "refused: the manifest is not signed by this site",
    ),
    (
        "an image that was changed",
        lambda: {OS_VOLUME: medium(image=b"imagf"), SEED_VOLUME: seed(chassis_serial="s153")},
        "refused: not as the manifest says: host.ext4.zst: FAILED",
    ),
    (
        "a site that wants more than the machine has",
        lambda: {
            OS_VOLUME: medium(),
            SEED_VOLUME: seed(os_mirror="raid1", os_encrypt="luks2", secure_boot="required"),
        },
        "refused: the site wants what is not there: a second disk for the mirror; a TPM 2.0 for"
        " the encrypted disk; a recovery key in the seed; Secure Boot, which the firmware does not"
        " enforce",
    ),
]


@pytest.mark.parametrize(
    ("discs", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_it_refuses(parts: Path, tmp_path: Path, discs: Files, words: str) -> None:
    said = last_words(parts, tmp_path, discs(), "installer: halted: ")
    assert f"installer: halted: {words}\n" in said.replace("\r", "")
    assert "fresh partition table" not in said
