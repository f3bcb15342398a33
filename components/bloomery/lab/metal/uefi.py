"""The firmware of a machine, as its BIOS settings choose it: OVMF with Secure Boot or without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("/usr/share/OVMF")
"""Where Debian's package ``ovmf`` puts it."""

ATTRIBUTE, ENFORCED = "SecureBoot", "Enabled"
"""BIOS attribute that asks for Secure Boot, under the name most vendors use, and its value."""


@dataclass(frozen=True)
class Uefi:
    """One build of the firmware and the variables it is delivered with."""

    code: Path
    variables: Path
    store: str
    """File name of a machine's own variables."""
    smm: bool
    """Whether variables are kept by code in SMM, which Secure Boot needs and which doubles POST."""


PLAIN = Uefi(FOLDER / "OVMF_CODE_4M.fd", FOLDER / "OVMF_VARS_4M.fd", "vars.fd", smm=False)
"""Without Secure Boot; the variables are empty."""

SECURE = Uefi(
    FOLDER / "OVMF_CODE_4M.secboot.fd",
    FOLDER / "OVMF_VARS_4M.ms.fd",
    "vars.secure.fd",
    smm=True,
)
"""With Secure Boot and Microsoft's keys, by which Debian's shim is signed. The two keep variables
of their own, as Secure Boot cannot be taken out of the delivered ones from outside."""


def uefi_of(bios: Mapping[str, str]) -> Uefi:
    """The firmware that a machine with these BIOS settings starts."""
    return SECURE if bios.get(ATTRIBUTE) == ENFORCED else PLAIN
