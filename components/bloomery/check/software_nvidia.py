"""Rules R13 to R23: what must match in the software of NVIDIA accelerators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from bloomery.check.preconditions import NVIDIA
from bloomery.check.rule import Finding
from bloomery.check.software_rule import SetRule, finding, named, upstream, whole_driver
from bloomery.plan.model import PackagePlan, SoftwarePlan

CUDA_OF_BRANCH = ((580, 13), (525, 12), (450, 11))
"""First driver branch -> CUDA major of its user-mode driver (CUDA release notes)."""

FABRIC_WITHOUT_BRANCH = 580
"""From it on the CUDA repository has the fabric manager without its branch (azhpc-images)."""

DRIVER_WITHOUT_BRANCH = 590
"""From it on driver packages have no branch, and default to the newest (NVIDIA, recent updates)."""


def _of_nvidia(
    findings: Callable[[SoftwarePlan, str], Iterable[Finding]],
) -> Callable[[SoftwarePlan], Iterable[Finding]]:
    """Judges sets with a driver of NVIDIA alone: R1 names those without one."""

    def judged(one: SoftwarePlan) -> Iterable[Finding]:
        driver = whole_driver(one)
        nvidia = one.accelerator is not None and one.accelerator.vendor == "nvidia"
        return findings(one, driver) if nvidia and driver else ()

    return judged


def _branch(driver: str) -> int:
    return int(driver.split(".", 1)[0])


def _cuda(driver: str) -> int:
    return next((cuda for first, cuda in CUDA_OF_BRANCH if _branch(driver) >= first), 0)


def _unequal(one: SoftwarePlan, driver: str, *patterns: str) -> Iterator[Finding]:
    for package in named(one, *patterns):
        if upstream(package.version) != driver:
            yield finding(
                one,
                f"{package.name} {package.version}",
                f"{driver}, in full, as the driver",
                "give both one version; the same branch is not enough",
            )


def _fabric_manager(one: SoftwarePlan, driver: str) -> Iterator[Finding]:
    yield from _unequal(one, driver, "nvidia-fabricmanager*")


def _imex(one: SoftwarePlan, driver: str) -> Iterator[Finding]:
    yield from _unequal(one, driver, "nvidia-imex*")


def _switch_libraries(one: SoftwarePlan, driver: str) -> Iterator[Finding]:
    yield from _unequal(one, driver, "libnvidia-nscq*", "libnvsdm*")
    own = {it.repository for it in one.packages if it.step == "driver"}
    for package in named(one, "libnvidia-nscq*", "libnvsdm*", "nvlsm*", "nvidia-fabricmanager*"):
        if package.repository not in own:
            yield finding(
                one,
                f"{package.name} from {package.repository}",
                f"from {', '.join(sorted(own))}, as the driver",
                "take all of them from one repository of one day",
            )


def _dcgm(one: SoftwarePlan, driver: str) -> Iterator[Finding]:
    major = _cuda(driver)
    packages = list(named(one, "datacenter-gpu-manager*"))
    if wrong := [it.name for it in packages if not _fits_dcgm(it.name, major)]:
        yield finding(
            one,
            ", ".join(wrong),
            f"datacenter-gpu-manager-4, for CUDA {major} of driver {driver}",
            "take the packages for the CUDA major of the driver",
        )
    if len(versions := {it.version for it in packages}) > 1:
        yield finding(one, f"DCGM {', '.join(sorted(versions))}", "one version", "give one version")


def _fits_dcgm(name: str, major: int) -> bool:
    found = re.search(r"-cuda(\d+)$", name)
    return name.startswith("datacenter-gpu-manager-4") and (not found or int(found[1]) == major)


NEED_OPEN = ("blackwell",)
"""Generations without proprietary modules."""

NEED_PROPRIETARY = ("pascal", "volta")
"""Generations that the open modules do not know (azhpc-images, DeepOps)."""


def _modules(one: SoftwarePlan, _: str) -> Iterator[Finding]:
    of = one.accelerator
    need = "" if of is None else _needed(of.generation)
    if of and need and of.modules != need:
        yield finding(
            one,
            f"{of.modules} modules on {of.generation}",
            f"{need} modules",
            f"take modules: {need}",
        )


def _needed(generation: str) -> str:
    if generation in NEED_OPEN:
        return "open"
    return "proprietary" if generation in NEED_PROPRIETARY else ""


def _names(one: SoftwarePlan, driver: str) -> Iterator[Finding]:
    branch = _branch(driver)
    wanted = "" if branch >= FABRIC_WITHOUT_BRANCH else f"-{branch}"
    for package in named(one, "nvidia-fabricmanager*", "libnvidia-nscq*"):
        stem = re.sub(r"-\d+$", "", package.name)
        if package.name != f"{stem}{wanted}":
            yield finding(one, package.name, f"{stem}{wanted} with driver {driver}", "rename it")
    for package in one.packages:
        found = re.search(r"-(\d{3})(-|$)", package.name) if package.step == "driver" else None
        if found and (branch >= DRIVER_WITHOUT_BRANCH or int(found[1]) != branch):
            limit = "no branch" if branch >= DRIVER_WITHOUT_BRANCH else f"branch {branch}"
            yield finding(one, package.name, f"{limit} in names with driver {driver}", "rename it")


def _pinned(one: SoftwarePlan, driver: str) -> Iterator[Finding]:
    parts = [it for it in one.packages if it.step == "driver"]
    if len(versions := {upstream(it.version) for it in parts}) > 1:
        names = ", ".join(f"{it.name} {it.version}" for it in parts)
        yield finding(
            one, names, "one version", f"give one of {', '.join(sorted(versions))} to all"
        )
    wanted = f"nvidia-driver-pinning-{driver}"
    first = one.packages.index(parts[0])
    before = [it.name for it in one.packages[:first]]
    if wanted not in before:
        there = [name for name in before if name.startswith("nvidia-driver-pinning")]
        yield finding(
            one,
            f"before the driver: {', '.join(there) or 'no pinning package'}",
            f"{wanted} before the driver",
            "install it first: without it the newest driver is taken, from branch 590 on always",
        )


def _fabric_parts(one: SoftwarePlan, driver: str) -> Iterator[Finding]:
    if one.accelerator is None:
        return
    needs, never = _fabric_of(one.accelerator.platform, one.accelerator.generation)
    lacks = [name for name in needs if not any(named(one, name, f"{name}-[0-9]*"))]
    if "nvlsm" in needs and "ib_umad" not in one.modules:
        lacks.append("module ib_umad")
    wrong = [name for name in never if any(named(one, name, f"{name}-[0-9]*"))]
    if lacks or wrong:
        what = [f"no {name}" for name in lacks] + wrong
        kind = f"{one.accelerator.generation} {one.accelerator.platform}"
        yield finding(
            one,
            ", ".join(what),
            f"{kind}: {', '.join(needs) or 'no fabric service'}",
            f"give the release all that it needs with driver {driver}, or leave the model out",
        )


def _fabric_of(platform: str, generation: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What joins the GPUs of a platform, and what must not be there (DeepOps platform map)."""
    if platform == "hgx":
        switches = ("nvlsm", "libnvsdm") if generation == "blackwell" else ()
        return ("nvidia-fabricmanager", "libnvidia-nscq", *switches), ("nvidia-imex",)
    if platform == "nvl-tray":
        return ("nvidia-imex",), ("nvidia-fabricmanager", "nvlsm")
    return (), ("nvidia-fabricmanager", "nvidia-imex", "nvlsm")


META = ("cuda", "cuda-drivers-fabricmanager", "nvidia-cuda-toolkit")
"""Packages that bring a driver of their own choice, or the distribution's toolkit."""


def _toolkit(one: SoftwarePlan, driver: str) -> Iterator[Finding]:
    major = _cuda(driver)
    for package in named(one, *META):
        yield finding(one, package.name, "cuda-toolkit-X-Y", "name the toolkit and its version")
    built = {f"{it.name} {it.version}": _built_for(it) for it in one.packages}
    if wrong := [what for what, cuda in built.items() if cuda not in (0, major)]:
        yield finding(
            one,
            ", ".join(wrong),
            f"CUDA {major} of driver {driver}",
            "take one CUDA major for driver, toolkit and NCCL",
        )


def _built_for(package: PackagePlan) -> int:
    """CUDA major in its name or version; 0 where there is none."""
    found = re.search(r"^cuda-toolkit-(\d+)-", package.name)
    found = found or re.search(r"\+cuda(\d+)\.", package.version)
    return int(found[1]) if found else 0


SHARED = ("NVreg_RestrictProfilingToAdminUsers=0", "NVreg_CreateImexChannel0=1")
"""Options of images for one tenant: counters open to everybody, one IMEX channel for everybody."""


def _options(one: SoftwarePlan, _: str) -> Iterator[Finding]:
    options = one.accelerator.options if one.accelerator else ()
    if wrong := [name for name in SHARED if name in options]:
        yield finding(one, ", ".join(wrong), "none of them", "remove them: projects share machines")


def _nouveau(one: SoftwarePlan, _: str) -> Iterator[Finding]:
    if "nouveau" not in one.blacklist:
        yield finding(one, "nouveau is not blacklisted", "blacklisted", "blacklist it")


DEEPOPS = "NVIDIA DeepOps 26.07"

RULES = (
    SetRule("R13", "The fabric manager has the full version of the driver",
            "NVIDIA/gpu-operator#544: 530.30.02 beside 530.41.03 failed",
            _of_nvidia(_fabric_manager), NVIDIA),
    SetRule("R14", "IMEX has the full version of the driver",
            "Azure azhpc-images: IMEX is DRIVER-1", _of_nvidia(_imex), NVIDIA),
    SetRule("R15", "NSCQ, NVSDM and NVLSM come with the driver, from its repository",
            "version-lock packages of driver 595; azhpc-images",
            _of_nvidia(_switch_libraries), NVIDIA),
    SetRule("R16", "DCGM is one version, for the CUDA major of the driver",
            "NVIDIA/DCGM#254: packages for CUDA 12 on driver 580; NVIDIA/deepops#1394",
            _of_nvidia(_dcgm), NVIDIA),
    SetRule("R17", "Kernel modules are of the kind that the GPUs need",
            f"NVIDIA driver installation guide; azhpc-images, {DEEPOPS}",
            _of_nvidia(_modules), NVIDIA),
    SetRule("R18", "Package names fit the driver branch, before and after 580 and 590",
            "azhpc-images (580); NVIDIA driver installation guide, recent updates (590)",
            _of_nvidia(_names), NVIDIA),
    SetRule("R19", "All of the driver has one version, and the package that pins it comes first",
            "NVIDIA driver installation guide, version locking; azhpc-images",
            _of_nvidia(_pinned), NVIDIA),
    SetRule("R20", "Fabric services are those of the platform",
            f"{DEEPOPS}, platform map; spectrocloud/CanvOS#700 (ib_umad)",
            _of_nvidia(_fabric_parts), NVIDIA),
    SetRule("R21", "CUDA toolkit and NCCL are for the CUDA major of the driver",
            "CUDA release notes: CUDA 13 needs driver 580", _of_nvidia(_toolkit), NVIDIA),
    SetRule("R22", "Module options suit machines that projects share",
            "azhpc-images sets them in images for one tenant", _of_nvidia(_options), NVIDIA),
    SetRule("R23", "nouveau is never loaded", f"azhpc-images, {DEEPOPS}",
            _of_nvidia(_nouveau), NVIDIA),
)  # fmt: skip
