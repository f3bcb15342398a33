"""From a release and a kind of machine to the exact software: pure, and the same each time."""

from __future__ import annotations

from collections.abc import Sequence

from bloomery.catalogue import Release
from bloomery.catalogue.accelerator import Accelerator
from bloomery.catalogue.software import Kernel, NodeMode, Software
from bloomery.plan.model import (
    AcceleratorPlan,
    PackagePlan,
    RepositoryPlan,
    ServicePlan,
    SoftwarePlan,
)
from bloomery.plan.software.accelerator import Filled, Part
from bloomery.plan.software.steps import package
from bloomery.plan.software.target import WORKING, Target
from bloomery.plan.software.vendors import VENDORS

NO_UPGRADES = ("unattended-upgrades.service", "apt-daily-upgrade.timer")
"""Units that install without being asked: one night's upgrade breaks a set (azhpc-images masks
them, DGX OS removes them)."""

SLURM = {"management": ("slurmctld", "slurm-client"), "training": ("slurmd", "slurm-client")}
"""Purpose -> packages of Slurm."""

MODE_PARAMETERS: dict[NodeMode, tuple[str, ...]] = {
    "bare-metal": ("iommu=pt",),
    "vm": ("intel_iommu=on",),
}
"""What each mode needs. Bare metal: devices reach memory and each other without translation
(NVIDIA/nccl#1737). Machines that give devices away: the translation is what keeps guests apart;
``intel_iommu`` is on by choice only, AMD's is on by itself (kernel-parameters of Linux)."""

GRACE_PARAMETERS: dict[NodeMode, tuple[str, ...]] = {
    "bare-metal": ("iommu.passthrough=1",),
    "vm": ("iommu.passthrough=0",),
}
"""The same on the Grace processors of a tray: ``iommu=`` is read on x86 alone (kernel-parameters of
Linux)."""

ACS: dict[NodeMode, str] = {"bare-metal": "off", "vm": "on"}
"""Access control services: off, else peer traffic between GPU and adapter goes by way of the
processor and may hang (NVIDIA/nccl#1737); on where guests must not reach each other's devices."""


def solve(release: Release, target: Target, pools: Sequence[str] = ()) -> SoftwarePlan | None:
    """What machines of ``target`` are given by ``release``; None where it gives no software."""
    software, model = release.software, target.model
    if software is None:
        return None
    working = model.accelerator if target.purpose in WORKING else None
    driven = _driven(software, working, target)
    own = driven.parts if driven else ()
    parts = (_system(software, target), *own, _scheduler(software, target))
    tuning = software.tuning
    sysctl = dict(tuning.sysctl) if tuning else {}
    for part in parts:
        sysctl.update(part.sysctl)
    return SoftwarePlan(
        release=release.name,
        model=model.key,
        purpose=target.purpose,
        mode=target.mode,
        system=software.system,
        pools=tuple(pools),
        listed=working is None or model.key in software.models,
        repositories=tuple(
            RepositoryPlan(it.key, it.kind, it.exclude) for it in software.repositories
        ),
        packages=tuple(it for part in parts for it in part.packages),
        parameters=_parameters(software.kernel, target),
        acs=ACS[target.mode] if software.kernel else "",
        modules=tuple(it for part in parts for it in part.modules),
        blacklist=tuple(it for part in parts for it in part.blacklist),
        network_reload=software.network.reload if software.network else False,
        services=tuple(it for part in parts for it in part.services),
        sysctl=dict(sorted(sysctl.items())),
        memlock=tuning.memlock if tuning else "",
        frameworks={
            name: pinned.of(model.key) for name, pinned in sorted(software.frameworks.items())
        }
        if working
        else {},
        firmware={
            name: pin.version for name, pin in sorted(software.firmware.get(model.key, {}).items())
        },
        accelerator=driven.accelerator if driven else None,
    )


def _system(software: Software, target: Target) -> Part:
    key, found = target.model.key, list[PackagePlan]()
    if kernel := software.kernel:
        flavour, version = kernel.flavours.get(key, kernel.flavour), kernel.version.of(key)
        for kind in ("image", "headers"):
            name = f"linux-{kind}-{flavour}"
            found.append(package(name, version, kernel.repository, "kernel"))
    if network := software.network:
        for name in ("doca-host", "doca-ofed"):
            found.append(package(name, network.doca.of(key), network.repository, "network"))
    return Part(tuple(found), services=tuple(ServicePlan(it, "masked") for it in NO_UPGRADES))


def _scheduler(software: Software, target: Target) -> Part:
    if not (software.scheduler and target.scheduler):
        return Part()
    version = software.scheduler.slurm.of(target.model.key)
    source = software.scheduler.repository
    names = SLURM.get(target.purpose, ())
    return Part(tuple(package(name, version, source, "scheduler") for name in names))


def _parameters(kernel: Kernel | None, target: Target) -> tuple[str, ...]:
    if kernel is None:
        return ()
    of = target.model.accelerator
    grace = of is not None and of.platform == "nvl-tray"
    own = GRACE_PARAMETERS[target.mode] if grace else MODE_PARAMETERS[target.mode]
    return (*own, *kernel.parameters.get(target.mode, ()))


def _driven(software: Software, found: Accelerator | None, target: Target) -> Filled | None:
    """What the vendor of the accelerators adds; of one that the release has nothing for, what
    there is on the machine."""
    if found is None:
        return None
    vendor = VENDORS.get(found.vendor)
    filled = vendor.fill(software, found, target) if vendor else None
    return filled or Filled((), AcceleratorPlan(found.vendor, found.generation, found.platform))
