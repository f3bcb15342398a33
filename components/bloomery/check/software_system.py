"""Rules R1 to R12: kernel, repositories, holds and modes of every software set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bloomery.check.note import Severity
from bloomery.check.preconditions import SOFTWARE
from bloomery.check.rule import Finding
from bloomery.check.software_rule import SetRule, excludes, finding, named
from bloomery.plan.model import SoftwarePlan


def _driven(one: SoftwarePlan) -> Iterator[Finding]:
    of = one.accelerator
    if of and not any(it.step == "driver" for it in one.packages):
        yield finding(
            one,
            f"no driver for {of.vendor} {of.generation}",
            "a driver for the accelerators of the model",
            f"order a release with software for {of.vendor}, or add it to {one.release}",
        )


def _listed(one: SoftwarePlan) -> Iterator[Finding]:
    if not one.listed:
        yield finding(
            one,
            f"{one.release} was not put together for {one.model}",
            "a model that the release lists",
            f"order a release that lists {one.model}, or test it and list it in software.models",
            Severity.WARNING,
            subject=one.model,
        )


def _firmware(one: SoftwarePlan) -> Iterator[Finding]:
    # Where machines share a kernel, as in a lab, there is no firmware either.
    if one.accelerator and one.acs and not one.firmware:
        yield finding(
            one,
            "no firmware version",
            "versions for the model",
            f"add software.firmware.{one.model} with the vendor's release notes as source",
            Severity.WARNING,
            subject=one.model,
        )


def _kernel(one: SoftwarePlan) -> Iterator[Finding]:
    images = {it.name.removeprefix("linux-image-"): it for it in named(one, "linux-image-*")}
    headers = {it.name.removeprefix("linux-headers-"): it for it in named(one, "linux-headers-*")}
    for flavour, image in images.items():
        beside = headers.get(flavour)
        if beside is None or beside.version != image.version:
            yield finding(
                one,
                f"headers {beside.version}" if beside else f"no linux-headers-{flavour}",
                f"linux-headers-{flavour} {image.version}, as the kernel",
                "give both one version: modules are built against the headers",
            )


HELD = {"kernel", "network", "driver", "fabric", "gdrcopy", "collectives", "containers", "health"}
"""Steps whose packages must not move alone."""


def _held(one: SoftwarePlan) -> Iterator[Finding]:
    loose = [it.name for it in one.packages if it.step in HELD and not it.hold]
    if loose:
        yield finding(
            one,
            f"not held: {', '.join(loose)}",
            "kernel, drivers and what must match them are held after every installation",
            "hold them again: an upgrade with --allow-change-held-packages takes holds away",
        )


UPGRADERS = ("unattended-upgrades.service", "apt-daily-upgrade.timer")
"""Units of Debian and Ubuntu that upgrade without being asked."""


def _upgrades(one: SoftwarePlan) -> Iterator[Finding]:
    masked = {it.name for it in one.services if it.state == "masked"}
    if left := [name for name in UPGRADERS if name not in masked]:
        yield finding(one, f"not masked: {', '.join(left)}", "masked", "mask them")


ORDER = (
    "kernel",
    "network",
    "pinning",
    "driver",
    "fabric",
    "cuda",
    "rocm",
    "gdrcopy",
    "collectives",
    "containers",
    "health",
    "scheduler",
)
"""Steps of an installation: what is built for, linked to or pinned by another comes behind it."""


def _order(one: SoftwarePlan) -> Iterator[Finding]:
    known = {step: at for at, step in enumerate(ORDER)}
    for before, after in zip(one.packages, one.packages[1:], strict=False):
        if known.get(before.step, -1) > known.get(after.step, len(ORDER)):
            yield finding(
                one,
                f"{after.name} ({after.step}) behind {before.name} ({before.step})",
                " < ".join(ORDER),
                "install in that order: modules of the driver use symbols of the network drivers",
            )


def _own_repository(one: SoftwarePlan) -> Iterator[Finding]:
    there = {it.key: it for it in one.repositories}
    for package in one.packages:
        own = there.get(package.repository)
        if own is None or excludes(own, package.name):
            what = "excludes it" if own else "is not declared"
            yield finding(
                one,
                f"{package.name}: repository {package.repository} {what}",
                "a repository of the release that may give it",
                "correct the repository of the package, or its exclusions",
            )


OFFERED: Mapping[tuple[str, ...], tuple[str, tuple[str, ...]]] = {
    ("nvidia-fabricmanager", "libnvidia-nscq"): ("nvidia", ("system", "nvidia")),
    ("nvidia-container-toolkit", "libnvidia-container1"): ("containers", ("nvidia",)),
    ("mft", "kernel-mft-dkms"): ("network", ("nvidia",)),
    ("rdma-core", "libibverbs1"): ("network", ("system",)),
    ("rocm", "rccl"): ("amd", ("system",)),
}
"""Names -> kind of the repository they must come from, and kinds that are known to offer them as
well (azhpc-images, package lists of Ubuntu 24.04; the CUDA repository has a container toolkit)."""


def _offered_twice(one: SoftwarePlan) -> Iterator[Finding]:
    """Names of which the newest would win, whichever repository it is from."""
    taken = {it.name.rstrip("-0123456789"): it.repository for it in one.packages}
    for names, (owner, offering) in OFFERED.items():
        if not any(it.kind == owner for it in one.repositories):
            continue
        for repository in one.repositories:
            own = repository.kind == owner and taken.get(names[0], repository.key) == repository.key
            left = [name for name in names if not excludes(repository, name)]
            if repository.kind in offering and not own and left:
                yield finding(
                    one,
                    f"repository {repository.key} offers {', '.join(left)}",
                    f"from the repository of kind {owner} alone",
                    f"add them to exclude of repository {repository.key}",
                )


def _mode(one: SoftwarePlan) -> Iterator[Finding]:
    if not one.acs:
        return
    direct = {"iommu=pt", "iommu.passthrough=1"}.intersection(one.parameters)
    if one.mode == "bare-metal" and (one.acs != "off" or not direct):
        yield finding(
            one,
            f"ACS {one.acs}, kernel parameters {' '.join(one.parameters) or 'none'}",
            "bare metal: ACS off, iommu=pt (on Grace iommu.passthrough=1)",
            "take the settings of bare metal, or say node_mode: vm",
        )
    elif one.mode == "vm" and (one.acs != "on" or direct):
        yield finding(
            one,
            f"ACS {one.acs}, kernel parameters {' '.join(one.parameters) or 'none'}",
            "machines that give devices to guests: ACS on, translation on",
            "take the settings of vm, or say node_mode: bare-metal",
        )


def _reload(one: SoftwarePlan) -> Iterator[Finding]:
    by = one.accelerator.gpudirect if one.accelerator else ""
    loaded = "nvidia_peermem" in one.modules
    if one.network_reload and (loaded or by == "peermem"):
        yield finding(
            one,
            "nvidia_peermem, and network drivers that are reloaded",
            "one or the other",
            "take gpudirect: dma-buf, or network.reload: false (an update then reboots)",
        )


def _dma_buf(one: SoftwarePlan) -> Iterator[Finding]:
    of = one.accelerator
    if of and of.gpudirect == "dma-buf" and of.modules != "open":
        yield finding(
            one,
            f"GPUDirect by DMA-BUF with {of.modules} modules",
            "open modules",
            "take modules: open, or gpudirect: peermem",
        )


AZHPC = "Azure azhpc-images, build for Ubuntu 24.04"

RULES = (
    SetRule("R1", "The release has a driver for the accelerators of a machine",
            "vendors of accelerators in the catalogue", _driven, SOFTWARE),
    SetRule("R2", "The release was put together for the model",
            "software.models of the release", _listed, SOFTWARE),
    SetRule("R3", "The release names the firmware of machines with accelerators",
            "software.firmware of the release", _firmware, SOFTWARE),
    SetRule("R4", "Kernel and headers have one version",
            f"{AZHPC}; NVIDIA DeepOps 26.07", _kernel, SOFTWARE),
    SetRule("R5", "What must match kernel or driver is held, again after each upgrade",
            f"{AZHPC}; NVIDIA/ubuntu-packaging-nvidia-driver#3", _held, SOFTWARE),
    SetRule("R6", "Nothing is upgraded without being asked", AZHPC, _upgrades, SOFTWARE),
    SetRule("R7", "Packages are installed in the order of their needs",
            f"{AZHPC}; NVIDIA/gpu-operator#2868: modules built for other network drivers",
            _order, SOFTWARE),
    SetRule("R8", "Every package comes from a repository that may give it",
            "software.repositories of the release", _own_repository, SOFTWARE),
    SetRule("R9", "No name that two repositories offer comes from the wrong one",
            AZHPC, _offered_twice, SOFTWARE),
    SetRule("R10", "Kernel parameters and ACS follow the node mode",
            "NVIDIA/nccl#1737, #304, #523: ACS and IOMMU; guests need both on", _mode, SOFTWARE),
    SetRule("R11", "nvidia_peermem is never loaded where network drivers are reloaded",
            "NVIDIA/gpu-operator#2619, Mellanox/doca-driver-build#481", _reload, SOFTWARE),
    SetRule("R12", "GPUDirect by DMA-BUF has open kernel modules",
            "NVIDIA GPU Operator, GPUDirect RDMA", _dma_buf, SOFTWARE),
)  # fmt: skip
