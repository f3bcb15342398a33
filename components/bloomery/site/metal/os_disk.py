"""The disk of the operating system, as a pool wants it, and what its model must have for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from bloomery.catalogue import NodeModel, node_models
from bloomery.errors import Fault
from bloomery.site.reading.document import Document, Path, Value
from bloomery.site.reading.entries import entries, mapping
from bloomery.site.types.part import Part

TRUE = ("true", "yes", "on")
"""Words of YAML that say yes."""

MIRROR_DISKS = 2
"""Disks of a mirror."""

NONE = "none"
"""Word for no encryption."""


class OsDisk(Part):
    """The disk that the operating system is installed on."""

    mirror: bool = False
    """RAID 1 (mdadm) over the first two disks, boot loader on both."""
    encrypt: Literal["none", "luks2"] = "none"
    """Encryption at rest. The machine's TPM 2.0 opens it as long as Secure Boot, its keys and the
    signers of what was started are those of the installation (PCR 7)."""


def os_disk_faults(document: Document) -> Iterator[Fault]:
    """What a pool asks of a model that has it not, and settings that exclude each other."""
    for path, pool in entries((document.data or {}).get("pools"), ("pools",)):
        name = pool.get("model")
        model = node_models().get(name) if isinstance(name, str) else None
        if model is None:
            continue  # its own fault says so
        yield from _disk(document, (*path, "os_disk"), model, mapping(pool.get("os_disk")))
        if _yes(pool.get("secure_boot")):
            yield from _secure_boot(document, path, model, mapping(pool.get("bios")))


def _disk(
    document: Document, path: Path, model: NodeModel, disk: Mapping[str, Value]
) -> Iterator[Fault]:
    """On metal only what the catalogue knows is judged here: the installer refuses the rest."""
    disks = model.os_disks.value if model.os_disks else 0
    virtual = model.virtual != "none"
    if _yes(disk.get("mirror")) and disks < MIRROR_DISKS and (disks or virtual):
        found = f"{disks:g}" if disks else "none of its own"
        reason = f"a mirror takes two disks, {model.key} has {found}"
        yield document.fault((*path, "mirror"), reason, _other(model, "leave it out"))
    if disk.get("encrypt", NONE) != NONE and virtual and model.tpm is None:
        reason = f"{model.key} has no TPM 2.0 that could open the disk"
        yield document.fault((*path, "encrypt"), reason, _other(model, "leave it out"))


def _secure_boot(
    document: Document, path: Path, model: NodeModel, bios: Mapping[str, Value]
) -> Iterator[Fault]:
    if model.virtual in ("guest", "ghost"):
        reason = f"{model.key} has no firmware"
        yield document.fault((*path, "secure_boot"), reason, _other(model, "leave it out"))
    for key, value in model.secure_boot.items():
        if bios.get(key) not in (None, value):
            reason = f"{bios[key]!r} contradicts secure_boot: true"
            yield document.fault((*path, "bios", key), reason, f"leave it out, or {value!r}")


def _other(model: NodeModel, hint: str) -> str:
    """``hint``, and in a lab the models that have everything."""
    able = [it.key for it in node_models().values() if it.virtual == "machine" and it.tpm]
    return f"{hint}, or model: {', '.join(able)}" if model.virtual != "none" else hint


def _yes(value: Value | None) -> bool:
    return isinstance(value, str) and value.lower() in TRUE
