"""Software of NVIDIA accelerators.

Sources: Azure azhpc-images and NVIDIA DeepOps 26.07 for order and platform map, NVIDIA's driver
installation guide for names, NVIDIA GPU Operator for GPUDirect by DMA-BUF.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bloomery.catalogue.nvidia_software import NvidiaSoftware
from bloomery.catalogue.pinned import Pinned
from bloomery.catalogue.software import NodeMode
from bloomery.plan.model import CollectivePlan, HealthPlan, PackagePlan, ServicePlan
from bloomery.plan.software.accelerator import Ask, Modules, Part, Vendor
from bloomery.plan.software.steps import package

NvidiaAsk = Ask[NvidiaSoftware]

FABRIC: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("hopper", "hgx"): ("nvidia-fabricmanager", "libnvidia-nscq"),
    ("blackwell", "hgx"): ("nvidia-fabricmanager", "libnvidia-nscq", "libnvsdm", "nvlsm"),
    ("blackwell", "nvl-tray"): ("nvidia-imex",),
}
"""Generation and platform -> what joins its GPUs (DeepOps platform map). The fabric manager of a
rack runs on its switch trays."""

WITH_SERVICE = ("nvidia-fabricmanager", "nvidia-imex")
"""Those that bring a unit of their own name."""

UNSUFFIXED_FABRIC = 580
"""First branch whose fabric manager and NSCQ have no branch in their names (azhpc-images)."""

UNSUFFIXED_DRIVER = 590
"""First branch whose driver packages have no branch in their names (NVIDIA, recent updates)."""

GRACE_OPTIONS: Mapping[NodeMode, tuple[str, ...]] = {
    "bare-metal": ("NVreg_CoherentGPUMemoryMode=driver", "NVreg_GrdmaPciTopoCheckOverride=1"),
    "vm": ("NVreg_CoherentGPUMemoryMode=driver",),
}
"""Options of compute trays with Grace: the driver keeps the GPUs' memory apart from the system's
(azhpc-images), and on bare metal adapters behind other root ports reach it (azhpc-images, AICR)."""

CONFIDENTIAL = ("hopper", "blackwell")
"""Generations that have confidential computing (NVIDIA, platforms of Confidential Containers)."""


def branch(driver: str) -> int:
    """``580`` of ``580.126.20``."""
    return int(driver.partition(".")[0])


def _or_driver(ask: NvidiaAsk, pinned: Pinned | None) -> str:
    return (pinned or ask.pins.driver).of(ask.key)


def _revised(version: str, revision: str) -> str:
    return f"{version}-{revision}" if revision and "-" not in version else version


def _modules(ask: NvidiaAsk) -> Modules:
    return Modules(ask.pins.modules, ask.pins.gpudirect)


def _driver(ask: NvidiaAsk) -> Part:
    tray = ask.accelerator.platform == "nvl-tray"
    fabric = tuple(_fabric(ask))
    services = ("nvidia-persistenced", *(it for it in _fabric_names(ask) if it in WITH_SERVICE))
    # The NVLink subnet manager talks to the switches by MAD (spectrocloud/CanvOS#700).
    umad = ("ib_umad",) if "nvlsm" in _fabric_names(ask) else ()
    peermem = ("nvidia_peermem",) if ask.pins.gpudirect == "peermem" else ()
    return Part(
        packages=(*_driver_packages(ask), *fabric),
        modules=(*umad, *peermem),
        blacklist=("nouveau",),
        options=(*(GRACE_OPTIONS[ask.target.mode] if tray else ()), *ask.pins.options),
        services=tuple(ServicePlan(f"{name}.service", "enabled") for name in services),
    )


def _driver_packages(ask: NvidiaAsk) -> Iterator[PackagePlan]:
    driver, pins = ask.pins.driver.of(ask.key), ask.pins
    version = _revised(driver, pins.revisions.driver if pins.revisions else "")
    yield package(f"nvidia-driver-pinning-{driver}", version, pins.repository, "pinning")
    for name in _driver_names(ask, branch(driver)):
        yield package(name, version, pins.repository, "driver")


def _driver_names(ask: NvidiaAsk, number: int) -> tuple[str, ...]:
    suffix = "" if number >= UNSUFFIXED_DRIVER else f"-{number}"
    if ask.pins.modules == "proprietary":
        return (f"cuda-drivers{suffix}",)
    if ask.accelerator.platform == "nvl-tray":
        return (f"nvidia-dkms{suffix}-open", f"nvidia-driver{suffix}-open", "nvidia-modprobe")
    return ("nvidia-open",)


def _fabric_names(ask: NvidiaAsk) -> tuple[str, ...]:
    return FABRIC.get((ask.accelerator.generation, ask.accelerator.platform), ())


def _fabric(ask: NvidiaAsk) -> Iterator[PackagePlan]:
    pins = ask.pins
    revision = pins.revisions.fabric if pins.revisions else ""
    own = {
        "nvidia-fabricmanager": pins.fabric_manager,
        "nvidia-imex": pins.imex,
        "libnvidia-nscq": pins.nscq,
    }
    number = branch(pins.driver.of(ask.key))
    for name in _fabric_names(ask):
        if name == "nvlsm":
            if pins.nvlsm is not None:
                yield package(name, pins.nvlsm.of(ask.key), pins.repository, "fabric")
            continue
        version = _revised(_or_driver(ask, own.get(name)), revision)
        suffixed = number < UNSUFFIXED_FABRIC and name != "nvidia-imex"
        full = f"{name}-{number}" if suffixed else name
        yield package(full, version, pins.repository, "fabric")


def _libraries(ask: NvidiaAsk) -> Part:
    pins, key = ask.pins, ask.key
    cuda, found = pins.cuda.of(key), list[PackagePlan]()

    def add(step: str, version: str, *names: str, source: str = pins.repository) -> None:
        found.extend(package(name, version, source, step) for name in names)

    if ask.target.purpose == "training":  # serving brings its own in an image
        add("cuda", cuda, f"cuda-toolkit-{cuda.replace('.', '-')}")
    add("gdrcopy", pins.gdrcopy.of(key), "gdrdrv-dkms", "libgdrapi", "gdrcopy")
    add("collectives", f"{pins.nccl.of(key)}+cuda{cuda}", "libnccl2", "libnccl-dev")
    add(
        "containers",
        pins.container_toolkit.of(key),
        "libnvidia-container1",
        "libnvidia-container-tools",
        "nvidia-container-toolkit",
        source=pins.containers,
    )
    return Part(packages=tuple(found))


def _watch(ask: NvidiaAsk) -> Part:
    major = ask.pins.cuda.of(ask.key).partition(".")[0]
    stem, version = "datacenter-gpu-manager-4", ask.pins.dcgm.of(ask.key)
    names = ("core", f"cuda{major}", "proprietary", f"proprietary-cuda{major}")
    return Part(
        packages=tuple(
            package(f"{stem}-{name}", version, ask.pins.repository, "health") for name in names
        ),
        services=(ServicePlan("nvidia-dcgm.service", "enabled"),),
    )


def _isolation(ask: NvidiaAsk) -> tuple[str, ...]:
    slices = ("mig",) if ask.target.model.mig_per_gpu else ()
    able = ask.target.mode == "vm" and ask.accelerator.generation in CONFIDENTIAL
    return (*slices, "node", *(("confidential",) if able else ()))


NVIDIA = Vendor[NvidiaSoftware](
    name="nvidia",
    pins=lambda software: software.nvidia,
    modules=_modules,
    driver=_driver,
    libraries=_libraries,
    watch=_watch,
    health=lambda _: HealthPlan("libnvidia-ml.so.1", "nvidia-dcgm.service", "dcgmi diag -r 1"),
    collective=lambda _: CollectivePlan("nccl", "all_reduce_perf"),
    isolation=_isolation,
    headline=lambda pins: {"cuda": pins.cuda.version},
)
