"""The software of a release, machine by machine model: repositories, kernel, drivers, services."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bloomery.catalogue.amd_software import AmdSoftware
from bloomery.catalogue.figure import Entry
from bloomery.catalogue.nvidia_software import NvidiaSoftware
from bloomery.catalogue.pinned import FirmwarePin, Pinned, wrong


def _system(text: str) -> str:
    if not re.fullmatch(r"[a-z]+-[0-9.]+", text):
        raise wrong(f"{text!r} is no distribution with a version", "for example ubuntu-24.04")
    return text


SystemName = Annotated[str, AfterValidator(_system)]
"""Name and version of a distribution: ``ubuntu-24.04``."""

NodeMode = Literal["bare-metal", "vm"]
"""``bare-metal``: jobs run on the machine itself. ``vm``: it gives its devices to virtual
machines, so that the isolation between its PCIe devices stays on."""

RepositoryKind = Literal["system", "network", "containers", "nvidia", "amd"]
"""Whose packages a repository is for: the distribution's, those of network adapters, of container
runtimes, or of a vendor's accelerators."""


class Repository(Entry):
    """One package repository, which the depot of a site mirrors."""

    key: str = Field(examples=["cuda"])
    kind: RepositoryKind
    title: str
    exclude: tuple[str, ...] = ()
    """Names it offers and that must come from another one; ``*`` and ``?`` stand for more."""
    source: str = Field(min_length=8)
    """Who says so, of the exclusions too."""


class Kernel(Entry):
    """The kernel, as a metapackage of the distribution."""

    repository: str
    flavour: str = Field(examples=["nvidia-6.8"])
    """What stands behind ``linux-image-`` and ``linux-headers-``."""
    flavours: Mapping[str, str] = Field(default_factory=dict)
    """Key of a node model -> its own flavour."""
    version: Pinned
    parameters: Mapping[NodeMode, tuple[str, ...]] = Field(default_factory=dict)
    """Parameters beside those that the node mode needs."""


class Network(Entry):
    """Drivers of the network adapters."""

    repository: str
    doca: Pinned
    """DOCA-OFED, by the version of ``doca-host``."""
    reload: bool = False
    """Whether an update reloads the drivers in place of a reboot."""


class Scheduler(Entry):
    """Slurm."""

    repository: str
    slurm: Pinned


class Tuning(Entry):
    """Settings of the running system."""

    sysctl: Mapping[str, str] = Field(default_factory=dict)
    memlock: str = "unlimited"
    """Memory a process may lock, kB, or ``unlimited``: RDMA locks all that it registers."""
    source: str = Field(min_length=8)


class Software(Entry):
    """All of it. What a release leaves out is not installed."""

    system: SystemName
    """Distribution and its version."""
    models: tuple[str, ...] = Field(min_length=1)
    """Keys of the node models it was put together for."""
    repositories: tuple[Repository, ...] = Field(min_length=1)
    kernel: Kernel | None = None
    """Left out: the machines share the kernel of their host, as in a lab."""
    network: Network | None = None
    scheduler: Scheduler | None = None
    frameworks: Mapping[str, Pinned] = Field(default_factory=dict)
    """What jobs bring in images or environments: ``pytorch``, ``vllm``."""
    tuning: Tuning | None = None
    firmware: Mapping[str, Mapping[str, FirmwarePin]] = Field(default_factory=dict)
    """Key of a node model -> component -> version."""
    nvidia: NvidiaSoftware | None = None
    amd: AmdSoftware | None = None
    # A further vendor: its file beside these, and a line here.
