"""The software of machines of one kind, to the version and in the order of installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RepositoryPlan:
    """One repository of the depot, as the machines use it."""

    key: str
    kind: str
    """Whose packages it is for: ``system``, ``network``, ``containers``, or a vendor of
    accelerators."""
    exclude: tuple[str, ...] = ()
    """Names that must not come from it; ``*`` and ``?`` stand for more."""


@dataclass(frozen=True)
class PackagePlan:
    """One package that is installed."""

    name: str
    version: str
    """As its source gives it: whole, its beginning, or the vendor's release. A depot holds one
    package of it."""
    repository: str
    """Key of the repository it comes from."""
    step: str
    """What it belongs to: ``kernel``, ``network``, ``pinning``, ``driver``, ``fabric``, ``cuda``,
    ``rocm``, ``gdrcopy``, ``collectives``, ``containers``, ``health`` or ``scheduler``."""
    hold: bool = False
    """Whether it is held after every installation: an upgrade takes a hold away."""


@dataclass(frozen=True)
class ServicePlan:
    """One unit of systemd."""

    name: str
    state: str
    """``enabled`` or ``masked``."""


@dataclass(frozen=True)
class HealthPlan:
    """How the health of the accelerators is asked for."""

    library: str
    """Shared library that answers, for example ``libnvidia-ml.so.1``."""
    service: str
    """Unit that watches them; empty where there is none."""
    test: str
    """Command that tests them, for an administrator."""


@dataclass(frozen=True)
class CollectivePlan:
    """What measures the traffic between the accelerators."""

    library: str
    """``nccl`` or ``rccl``."""
    test: str
    """Programme of its tests."""


@dataclass(frozen=True)
class AcceleratorPlan:
    """Which accelerators there are, and how they are used."""

    vendor: str
    generation: str
    platform: str
    """``hgx``, ``nvl-tray``, ``oam`` or ``pcie``."""
    modules: str = ""
    """Kind of the kernel modules, ``open`` or ``proprietary``; empty without a driver."""
    gpudirect: str = ""
    """How adapters reach its memory: ``dma-buf`` or ``peermem``; empty without a driver, and where
    no source says it."""
    options: tuple[str, ...] = ()
    """Options of its kernel module."""
    groups: tuple[str, ...] = ()
    """Groups of the users that may use it."""
    health: HealthPlan | None = None
    collective: CollectivePlan | None = None
    isolation: tuple[str, ...] = ()
    """How projects can be kept apart on it, weakest first: ``mig``, ``node``, ``confidential``."""


@dataclass(frozen=True)
class SoftwarePlan:
    """What machines of one model, purpose and mode are given."""

    release: str
    model: str
    """Key of the node model."""
    purpose: str
    """``management``, ``training`` or ``serving``."""
    mode: str
    """``bare-metal`` or ``vm``."""
    system: str
    """Distribution and its version."""
    pools: tuple[str, ...] = ()
    """Pools of such machines."""
    listed: bool = True
    """Whether the release was put together for the model; true of models without accelerators."""
    repositories: tuple[RepositoryPlan, ...] = ()
    packages: tuple[PackagePlan, ...] = ()
    """In the order of installation."""
    parameters: tuple[str, ...] = ()
    """Parameters of the kernel."""
    acs: str = ""
    """Access control services of PCIe bridges, ``off`` or ``on``; empty where the machine has no
    kernel of its own."""
    modules: tuple[str, ...] = ()
    """Kernel modules that are loaded at start."""
    blacklist: tuple[str, ...] = ()
    """Kernel modules that are never loaded."""
    network_reload: bool = False
    """Whether an update reloads the network drivers in place of a reboot."""
    services: tuple[ServicePlan, ...] = ()
    sysctl: Mapping[str, str] = field(default_factory=dict)
    memlock: str = ""
    """Memory a process may lock, kB, or ``unlimited``; empty: that of the system."""
    frameworks: Mapping[str, str] = field(default_factory=dict)
    """What jobs bring in images or environments -> version."""
    firmware: Mapping[str, str] = field(default_factory=dict)
    """Component -> version."""
    accelerator: AcceleratorPlan | None = None

    @property
    def name(self) -> str:
        """Model, purpose and mode."""
        return f"{self.model}/{self.purpose}/{self.mode}"

    @property
    def holds(self) -> tuple[str, ...]:
        """Names of the packages that are held after every installation."""
        return tuple(package.name for package in self.packages if package.hold)

    def of_step(self, step: str) -> tuple[PackagePlan, ...]:
        """Packages of ``step``, in the order of installation."""
        return tuple(package for package in self.packages if package.step == step)
