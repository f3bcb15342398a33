"""Software of AMD accelerators.

Sources: AMD's installation of ROCm on Ubuntu (``amdgpu-dkms`` and ``rocm``, groups ``render`` and
``video``, a reboot), Azure azhpc-images for ROCm 6.4.4 with its validation suite and sysctl.
"""

from __future__ import annotations

from bloomery.catalogue.amd_software import AmdSoftware
from bloomery.plan.model import CollectivePlan, HealthPlan
from bloomery.plan.software.accelerator import Ask, Modules, Part, Vendor
from bloomery.plan.software.steps import package

AmdAsk = Ask[AmdSoftware]


def _driver(ask: AmdAsk) -> Part:
    driver = ask.pins.driver.of(ask.key)
    return Part(
        packages=(package("amdgpu-dkms", driver, ask.pins.driver_repository, "driver"),),
        modules=("amdgpu",),
        groups=("render", "video"),
    )


def _libraries(ask: AmdAsk) -> Part:
    rocm = ask.pins.rocm.of(ask.key)
    return Part(
        packages=(package("rocm", rocm, ask.pins.repository, "rocm"),),
        sysctl=(("kernel.numa_balancing", "0"),),  # RCCL (azhpc-images)
    )


def _watch(ask: AmdAsk) -> Part:
    rocm = ask.pins.rocm.of(ask.key)
    return Part(
        packages=tuple(
            package(name, rocm, ask.pins.repository, "health")
            for name in ("rocm-smi-lib", "rocm-validation-suite", "rocm-bandwidth-test")
        )
    )


AMD = Vendor[AmdSoftware](
    name="amd",
    pins=lambda software: software.amd,
    modules=lambda _: Modules("open", ""),  # no source says how adapters reach its memory
    driver=_driver,
    libraries=_libraries,
    watch=_watch,
    health=lambda _: HealthPlan("librocm_smi64.so", "", "rvs"),
    collective=lambda _: CollectivePlan("rccl", "all_reduce_perf"),
    isolation=lambda _: ("node",),
    headline=lambda pins: {"rocm": pins.rocm.version},
)
