"""Names that an operating system gives to adapters and their ports."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from bloomery.site.reading.document import shorten
from bloomery.site.reading.fault_texts import refuse

PCI = re.compile(r"(?:([0-9a-f]{4}):)?([0-9a-f]{2}:[01][0-9a-f]\.[0-7])", re.I)
"""Domain, bus, device (5 bits) and function (3 bits), as ``lspci`` writes them; without a domain it
is the first."""

RDMA = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
"""An RDMA device; the kernel takes 63 characters (IB_DEVICE_NAME_MAX)."""

LONGEST_INTERFACE = 15
"""Characters of a network interface: IFNAMSIZ of Linux without the byte that ends it."""

INTERFACE = re.compile(rf"[A-Za-z0-9_.-]{{1,{LONGEST_INTERFACE}}}")


def _hca(text: str) -> str:
    if slot := PCI.fullmatch(text):
        return f"{slot[1] or '0000'}:{slot[2]}".lower()
    if not RDMA.fullmatch(text):
        hint = "mlx5_3, as ibv_devices prints it, or 0000:40:00.0, as lspci -D does"
        raise refuse(f"{shorten(text)} is neither an RDMA device nor a PCI address", hint)
    return text


def _interface(text: str) -> str:
    if not INTERFACE.fullmatch(text) or text in (".", ".."):
        hint = f"up to {LONGEST_INTERFACE} letters, digits, '.', '_', '-': ens1f0np0"
        raise refuse(f"{shorten(text)} is not the name of a network interface", hint)
    return text


def is_pci(name: str) -> bool:
    """Whether an adapter is named by its PCI address."""
    return bool(PCI.fullmatch(name))


Hca = Annotated[str, AfterValidator(_hca)]
Interface = Annotated[str, AfterValidator(_interface)]
Hcas = Annotated[tuple[Hca, ...], Field(min_length=1)]
"""RDMA devices or PCI addresses of one network, in the order of the rails."""
Interfaces = Annotated[tuple[Interface, ...], Field(min_length=1)]
"""Network interfaces of one network, in the order of the rails."""
