"""What a vendor of accelerators fills in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from bloomery.catalogue.accelerator import Accelerator
from bloomery.catalogue.software import Software
from bloomery.plan.model import (
    AcceleratorPlan,
    CollectivePlan,
    HealthPlan,
    PackagePlan,
    ServicePlan,
)
from bloomery.plan.software.target import Target

Pins = TypeVar("Pins")
"""What a release pins for one vendor."""


@dataclass(frozen=True)
class Ask(Generic[Pins]):
    """What is asked of a vendor: its pins, its accelerator, and the machine."""

    pins: Pins
    accelerator: Accelerator
    target: Target

    @property
    def key(self) -> str:
        """Key of the node model."""
        return self.target.model.key


@dataclass(frozen=True)
class Part:
    """Some of the software, in the order of installation."""

    packages: tuple[PackagePlan, ...] = ()
    modules: tuple[str, ...] = ()
    """Kernel modules that are loaded at start."""
    blacklist: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    """Options of the vendor's kernel module."""
    services: tuple[ServicePlan, ...] = ()
    sysctl: tuple[tuple[str, str], ...] = ()
    groups: tuple[str, ...] = ()
    """Groups of the users that may use the devices."""


@dataclass(frozen=True)
class Modules:
    """How the kernel module is built and shares memory."""

    kind: str
    """``open`` or ``proprietary``."""
    gpudirect: str
    """``dma-buf`` or ``peermem``; empty where no source says it."""


@dataclass(frozen=True)
class Filled:
    """What a vendor adds to the software of a machine."""

    parts: tuple[Part, ...]
    accelerator: AcceleratorPlan


class Fills(Protocol):
    """A vendor whose pins nobody else needs to know."""

    def fill(self, software: Software, accelerator: Accelerator, target: Target) -> Filled | None:
        """As ``Vendor.fill``."""

    def told(self, software: Software) -> Mapping[str, str]:
        """As ``Vendor.told``."""


@dataclass(frozen=True)
class Vendor(Generic[Pins]):
    """The software of one vendor's accelerators.

    A further vendor is a file with one of these, its pins in the catalogue, its line in
    ``vendors.py`` and its rules; nothing of another vendor is touched.
    """

    name: str
    pins: Callable[[Software], Pins | None]
    """What a release pins for it; None: nothing."""
    modules: Callable[[Ask[Pins]], Modules]
    driver: Callable[[Ask[Pins]], Part]
    """Kernel modules and what must match them."""
    libraries: Callable[[Ask[Pins]], Part]
    """What jobs and containers use."""
    watch: Callable[[Ask[Pins]], Part]
    """What watches the devices."""
    health: Callable[[Ask[Pins]], HealthPlan]
    collective: Callable[[Ask[Pins]], CollectivePlan]
    isolation: Callable[[Ask[Pins]], tuple[str, ...]]
    """How projects can be kept apart, weakest first."""
    headline: Callable[[Pins], Mapping[str, str]]
    """What a release is called by beside its driver, with its version."""

    def told(self, software: Software) -> Mapping[str, str]:
        """The headline of what the release pins; empty where it pins nothing."""
        pins = self.pins(software)
        return {} if pins is None else self.headline(pins)

    def fill(self, software: Software, accelerator: Accelerator, target: Target) -> Filled | None:
        """All that it adds to machines of ``target``; None where nothing is pinned for it."""
        pins = self.pins(software)
        if pins is None:
            return None
        ask = Ask(pins, accelerator, target)
        modules = self.modules(ask)
        parts = (self.driver(ask), self.libraries(ask), self.watch(ask))
        return Filled(
            parts,
            AcceleratorPlan(
                vendor=accelerator.vendor,
                generation=accelerator.generation,
                platform=accelerator.platform,
                modules=modules.kind,
                gpudirect=modules.gpudirect,
                options=tuple(it for part in parts for it in part.options),
                groups=tuple(it for part in parts for it in part.groups),
                health=self.health(ask),
                collective=self.collective(ask),
                isolation=self.isolation(ask),
            ),
        )
