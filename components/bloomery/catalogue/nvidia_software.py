"""What a release pins for machines with NVIDIA accelerators."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from bloomery.catalogue.figure import Entry
from bloomery.catalogue.pinned import Pinned, wrong

FORMS = {
    "driver": (r"\d{3}\.\d+(\.\d+)?", "580.126.20; its Debian revision stands in revisions"),
    "cuda": (r"\d+\.\d+", "13.0"),
}
"""Key -> form of its versions, and an example."""


class Revisions(Entry):
    """Debian revisions of what is versioned as the driver; left out where no source gives them."""

    driver: str = Field(default="", examples=["1ubuntu1"])
    """Of driver, kernel modules and pinning package."""
    fabric: str = Field(default="", examples=["1"])
    """Of fabric manager, NSCQ, NVSDM and IMEX."""
    source: str = Field(min_length=8)


class NvidiaSoftware(Entry):
    """Versions of driver, libraries and services.

    Fabric manager, IMEX and NSCQ follow the driver where they are left out.
    """

    repository: str
    """Key of the repository that the driver and all that must match it come from."""
    containers: str
    """Key of the repository of the container toolkit."""
    modules: Literal["open", "proprietary"]
    """Kind of the kernel modules."""
    driver: Pinned
    revisions: Revisions | None = None
    fabric_manager: Pinned | None = None
    imex: Pinned | None = None
    nscq: Pinned | None = None
    nvlsm: Pinned | None = None
    """NVLink subnet manager, for boards of Blackwell with switches. It has versions of its own."""
    cuda: Pinned
    """CUDA toolkit, as ``major.minor``: its packages have both in their names."""
    nccl: Pinned
    """NCCL without its CUDA suffix, which follows ``cuda``."""
    gdrcopy: Pinned
    dcgm: Pinned
    container_toolkit: Pinned
    gpudirect: Literal["dma-buf", "peermem"] = "dma-buf"
    """How adapters reach GPU memory."""
    options: tuple[str, ...] = ()
    """Options of the kernel module ``nvidia`` beside those that the platform needs."""

    @field_validator("driver", "cuda")
    @classmethod
    def _in_names(cls, pinned: Pinned, info: ValidationInfo) -> Pinned:
        """Names of packages are made from both, so their form is fixed."""
        form, example = FORMS[str(info.field_name)]
        for version in pinned.versions:
            if not re.fullmatch(form, version):
                raise wrong(
                    f"{version!r} is no {info.field_name} version", f"for example {example}"
                )
        return pinned
