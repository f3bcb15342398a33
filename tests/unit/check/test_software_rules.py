"""Rules R1 to R24: every release passes, and every rule finds a change that it is there for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from bloomery.catalogue import node_model, release, release_names
from bloomery.check import Severity
from bloomery.check.software_sets import SET_RULES, judge
from bloomery.plan.model import AcceleratorPlan, SoftwarePlan
from bloomery.plan.software.solve import solve
from bloomery.plan.software.target import Target, targets

Change = Callable[[SoftwarePlan], SoftwarePlan]


def base(name: str, model: str) -> SoftwarePlan:
    one = solve(release(name), Target(node_model(model), "training"))
    assert one is not None
    return one


HGX = base("nvidia-2026.08", "dgx-h100")
BLACKWELL = base("nvidia-2026.08", "gb200-nvl72")
BOARD = replace(base("nvidia-2026.08", "dgx-b200"), firmware={"bmc": "1"})
AMD = base("amd-2026.07", "mi300x")


def versions(pattern: str, version: str) -> Change:
    """Packages whose names fit get another version."""
    return packages(lambda it: replace(it, version=version), pattern)


def packages(how: Callable, pattern: str) -> Change:
    def changed(one: SoftwarePlan) -> SoftwarePlan:
        assert any(re.search(pattern, it.name) for it in one.packages), pattern
        made = (how(it) if re.search(pattern, it.name) else it for it in one.packages)
        return replace(one, packages=tuple(made))

    return changed


def renamed(name: str, other: str) -> Change:
    return packages(lambda it: replace(it, name=other), f"^{name}$")


def without(pattern: str) -> Change:
    def changed(one: SoftwarePlan) -> SoftwarePlan:
        left = tuple(it for it in one.packages if not re.search(pattern, it.name))
        assert left != one.packages, pattern
        return replace(one, packages=left)

    return changed


def last(pattern: str) -> Change:
    """What fits is installed behind all else."""

    def changed(one: SoftwarePlan) -> SoftwarePlan:
        found = [it for it in one.packages if re.search(pattern, it.name)]
        return replace(one, packages=(*(it for it in one.packages if it not in found), *found))

    return changed


def excluding(key: str, *names: str) -> Change:
    def changed(one: SoftwarePlan) -> SoftwarePlan:
        made = (replace(it, exclude=names) if it.key == key else it for it in one.repositories)
        return replace(one, repositories=tuple(made))

    return changed


def accelerator(**values: object) -> Change:
    def changed(one: SoftwarePlan) -> SoftwarePlan:
        assert one.accelerator is not None
        return replace(one, accelerator=replace(one.accelerator, **values))

    return changed


def values(**fields: object) -> Change:
    return lambda one: replace(one, **fields)


def both(*changes: Change) -> Change:
    def changed(one: SoftwarePlan) -> SoftwarePlan:
        for change in changes:
            one = change(one)
        return one

    return changed


@dataclass(frozen=True)
class Case:
    rule: str
    base: SoftwarePlan
    change: Change
    value: str
    """What must stand in the note's value."""
    severity: Severity = Severity.ERROR


VOLTA = AcceleratorPlan("nvidia", "volta", "pcie", modules="open", gpudirect="dma-buf")
CASES = [
    Case("R1", HGX, without("^nvidia-open$"), "no driver for nvidia hopper"),
    Case("R2", HGX, values(listed=False), "not put together for dgx-h100", Severity.WARNING),
    Case("R3", HGX, values(firmware={}), "no firmware", Severity.WARNING),
    Case("R4", HGX, versions("^linux-headers", "6.8.0-1.1"), "headers 6.8.0-1.1"),
    Case("R4", HGX, without("^linux-headers"), "no linux-headers-nvidia-6.8"),
    Case("R4", BLACKWELL, renamed("linux-headers-nvidia-64k-6.8", "linux-headers-nvidia-6.8"),
         "no linux-headers-nvidia-64k-6.8"),
    Case("R5", HGX, packages(lambda it: replace(it, hold=False), "^libnccl2$"), "libnccl2"),
    Case("R6", HGX, values(services=HGX.services[1:]), "unattended-upgrades.service"),
    Case("R7", HGX, last("^doca"), "doca-host (network) behind slurm-client"),
    Case("R8", HGX, excluding("cuda", "libnccl*"), "libnccl2: repository cuda excludes it"),
    Case("R8", HGX, packages(lambda it: replace(it, repository="mirror"), "^gdrcopy$"),
         "mirror is not declared"),
    Case("R9", HGX, excluding("ubuntu", "rdma-core", "libibverbs*"),
         "ubuntu offers nvidia-fabricmanager"),
    Case("R9", HGX, excluding("cuda", "nvidia-container-*", "libnvidia-container*"),
         "cuda offers mft"),
    Case("R9", HGX, excluding("cuda", "mft*", "kernel-mft*"), "cuda offers nvidia-container-tool"),
    Case("R9", HGX, excluding("ubuntu", "nvidia-*", "libnvidia-*"), "ubuntu offers rdma-core"),
    Case("R9", AMD, excluding("ubuntu", "rdma-core", "libibverbs*"), "ubuntu offers rocm, rccl"),
    Case("R10", HGX, values(acs="on"), "ACS on"),
    Case("R10", HGX, values(parameters=()), "parameters none"),
    Case("R10", HGX, values(mode="vm"), "ACS off, kernel parameters iommu=pt"),
    Case("R10", BLACKWELL, values(mode="vm", acs="on"), "iommu.passthrough=1"),
    Case("R11", HGX, values(network_reload=True, modules=("nvidia_peermem",)), "nvidia_peermem"),
    Case("R11", HGX, both(values(network_reload=True), accelerator(gpudirect="peermem")),
         "nvidia_peermem"),
    Case("R12", HGX, accelerator(modules="proprietary"), "DMA-BUF with proprietary"),
    Case("R13", HGX, versions("fabricmanager", "595.91.08-1"), "fabricmanager 595.91.08-1"),
    Case("R14", BLACKWELL, versions("imex", "595.58.03-1"), "nvidia-imex 595.58.03-1"),
    Case("R15", HGX, versions("nscq", "595.58.03-1"), "libnvidia-nscq 595.58.03-1"),
    Case("R15", BOARD, versions("libnvsdm", "595.58.03-1"), "libnvsdm 595.58.03-1"),
    Case("R15", BOARD, packages(lambda it: replace(it, repository="ubuntu"), "^nvlsm$"),
         "nvlsm from ubuntu"),
    Case("R16", HGX, renamed("datacenter-gpu-manager-4-cuda13", "datacenter-gpu-manager-4-cuda12"),
         "datacenter-gpu-manager-4-cuda12"),
    Case("R16", HGX, renamed("datacenter-gpu-manager-4-core", "datacenter-gpu-manager"),
         "datacenter-gpu-manager"),
    Case("R16", HGX, versions("-4-proprietary$", "1:4.5.0-1"), "DCGM 1:4.5.0-1, 1:4.6.0-1"),
    Case("R17", BOARD, accelerator(modules="proprietary", gpudirect="peermem"),
         "proprietary modules on blackwell"),
    Case("R17", HGX, values(accelerator=VOLTA), "open modules on volta"),
    Case("R18", HGX, renamed("nvidia-fabricmanager", "nvidia-fabricmanager-595"),
         "nvidia-fabricmanager-595"),
    Case("R18", BLACKWELL, renamed("nvidia-driver-open", "nvidia-driver-595-open"),
         "nvidia-driver-595-open"),
    Case("R19", HGX, without("pinning"), "no pinning package"),
    Case("R19", HGX, last("pinning"), "no pinning package"),
    Case("R19", HGX, renamed("nvidia-driver-pinning-595.91.07", "nvidia-driver-pinning-595"),
         "before the driver: nvidia-driver-pinning-595"),
    Case("R19", BLACKWELL, versions("^nvidia-modprobe$", "595.58.03-1"), "modprobe 595.58.03-1"),
    Case("R20", HGX, without("fabricmanager"), "no nvidia-fabricmanager"),
    Case("R20", BOARD, without("^nvlsm"), "no nvlsm"),
    Case("R20", BOARD, values(modules=()), "no module ib_umad"),
    Case("R20", BLACKWELL, without("imex"), "no nvidia-imex"),
    Case("R20", BLACKWELL, renamed("nvidia-imex", "nvidia-fabricmanager"), "no nvidia-imex"),
    Case("R21", HGX, versions("^libnccl2$", "2.29.0-1+cuda12.9"), "libnccl2 2.29.0-1+cuda12.9"),
    Case("R21", HGX, renamed("cuda-toolkit-13-2", "cuda-toolkit-12-9"), "cuda-toolkit-12-9"),
    Case("R21", HGX, renamed("cuda-toolkit-13-2", "cuda"), "cuda"),
    Case("R22", HGX, accelerator(options=("NVreg_CreateImexChannel0=1",)), "ImexChannel0"),
    Case("R23", HGX, values(blacklist=()), "nouveau"),
    Case("R24", AMD, versions("^rocm-smi-lib$", "6.3"), "ROCm 6.3, 6.4.4"),
    Case("R24", AMD, accelerator(groups=("render",)), "no group video"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule} {case.value[:30]}")
def test_a_rule_fails_on_what_it_is_there_for(case: Case) -> None:
    assert [note for note in judge([case.base]) if note.id == case.rule] == []
    notes = [note for note in judge([case.change(case.base)]) if note.id == case.rule]
    assert notes, f"{case.rule} finds nothing"
    assert any(case.value in note.value for note in notes), [note.value for note in notes]
    assert {note.severity for note in notes} == {case.severity}


def test_every_rule_has_a_failing_case() -> None:
    assert {case.rule for case in CASES} == {one.id for one in SET_RULES}
    assert [one.id for one in SET_RULES] == [f"R{at}" for at in range(1, len(SET_RULES) + 1)]


@pytest.mark.parametrize("name", release_names())
def test_every_release_passes_every_rule(name: str) -> None:
    found = release(name)
    notes = judge(one for target in targets(found) if (one := solve(found, target)))
    wrong = [str(note) for note in notes if note.severity is Severity.ERROR]
    assert wrong == []
    # Of these nothing public names a firmware release that was found.
    assert {note.subject for note in notes} <= {"dgx-b200", "hgx-b200", "dgx-b300"}


MATCHED = {"kernel", "driver", "fabric", "health"}
"""Steps in which every package but those with versions of their own must match another."""


@pytest.mark.parametrize("one", [HGX, BLACKWELL, BOARD], ids=lambda one: one.model)
def test_no_version_can_move_alone(one: SoftwarePlan) -> None:
    """A mutation for each package that must match another one: some rule finds every one."""
    tried = [it for it in one.packages if it.step in MATCHED and it.name != "nvlsm"]
    assert len(tried) >= 8
    for package in tried:
        moved = replace(package, version="999.1-1")
        changed = tuple(moved if it == package else it for it in one.packages)
        found = {note.id for note in judge([replace(one, packages=changed)])}
        assert found & {"R4", "R13", "R14", "R15", "R16", "R19"}, package.name


@pytest.mark.parametrize("one", [HGX, BLACKWELL, AMD], ids=lambda one: one.model)
def test_no_hold_can_be_lost(one: SoftwarePlan) -> None:
    for name in set(one.holds) - {it.name for it in one.of_step("rocm") + one.of_step("pinning")}:
        changed = packages(lambda it: replace(it, hold=False), f"^{re.escape(name)}$")(one)
        assert "R5" in {note.id for note in judge([changed])}, name


def test_what_is_beside_the_driver_is_not_taken_for_another_vendors() -> None:
    """R13 to R23 say nothing of AMD's machines, and R24 nothing of NVIDIA's."""
    assert {note.id for note in judge([replace(AMD, blacklist=()), HGX])} == set()
