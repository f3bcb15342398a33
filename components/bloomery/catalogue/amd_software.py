"""What a release pins for machines with AMD accelerators."""

from __future__ import annotations

from bloomery.catalogue.figure import Entry
from bloomery.catalogue.pinned import Pinned


class AmdSoftware(Entry):
    """Versions of driver and ROCm; RCCL is part of ROCm."""

    driver_repository: str
    """Key of the repository of the kernel module: AMD keeps one for each version of ROCm."""
    repository: str
    """Key of the repository of ROCm."""
    rocm: Pinned
    driver: Pinned
    """Release of the driver: numbered as ROCm up to 6.4, later on its own (30.30.3 beside ROCm
    7.2.3)."""
