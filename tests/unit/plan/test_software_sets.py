"""A release and a kind of machine give one exact set: names, versions, order, settings."""

from __future__ import annotations

import time

import pytest

from bloomery.catalogue import Release, node_model, release, release_names
from bloomery.catalogue.software import NodeMode
from bloomery.plan.model import SoftwarePlan
from bloomery.plan.software.solve import solve
from bloomery.plan.software.target import Target, targets
from bloomery.plan.software.vendors import VENDORS
from bloomery.site.metal.sheet import Purpose

LIMIT_S = 0.05
"""CPU time that solving a release for every kind of machine it lists may take: an order's figure.
It takes a tenth of it here."""


def made(
    name: str | Release, model: str, purpose: Purpose = "training", mode: NodeMode = "bare-metal"
) -> SoftwarePlan:
    found = release(name) if isinstance(name, str) else name
    one = solve(found, Target(node_model(model), purpose, mode))
    assert one is not None
    return one


def with_nvidia(name: str = "nvidia-2026.08", **changed: object) -> Release:
    """A release with other pins for NVIDIA."""
    found = release(name)
    assert found.software is not None and found.software.nvidia is not None
    nvidia = type(found.software.nvidia).model_validate(
        {**found.software.nvidia.model_dump(), **changed}
    )
    return found.model_copy(
        update={"software": found.software.model_copy(update={"nvidia": nvidia})}
    )


def of(one: SoftwarePlan, *steps: str) -> list[str]:
    return [f"{it.name}={it.version}" for step in steps for it in one.of_step(step)]


def pin(version: str) -> dict[str, str]:
    return {"version": version, "source": "made up for a test"}


def test_hgx_hopper_to_the_version() -> None:
    one = made("nvidia-2026.07", "dgx-h100")
    assert [f"{it.name}={it.version}" for it in one.packages] == [
        "linux-image-nvidia-6.8=6.8.0-1058.61",
        "linux-headers-nvidia-6.8=6.8.0-1058.61",
        "doca-host=3.2.3",
        "doca-ofed=3.2.3",
        "nvidia-driver-pinning-580.126.20=580.126.20",
        "nvidia-open=580.126.20",
        "nvidia-fabricmanager=580.126.20-1",
        "libnvidia-nscq=580.126.20-1",
        "cuda-toolkit-13-0=13.0",
        "gdrdrv-dkms=2.6-1",
        "libgdrapi=2.6-1",
        "gdrcopy=2.6-1",
        "libnccl2=2.30.4-1+cuda13.0",
        "libnccl-dev=2.30.4-1+cuda13.0",
        "libnvidia-container1=1.20.0",
        "libnvidia-container-tools=1.20.0",
        "nvidia-container-toolkit=1.20.0",
        "datacenter-gpu-manager-4-core=1:4.6.0-1",
        "datacenter-gpu-manager-4-cuda13=1:4.6.0-1",
        "datacenter-gpu-manager-4-proprietary=1:4.6.0-1",
        "datacenter-gpu-manager-4-proprietary-cuda13=1:4.6.0-1",
        "slurmd=23.11.4-1.2ubuntu5",
        "slurm-client=23.11.4-1.2ubuntu5",
    ]
    assert {it.name for it in one.packages} - set(one.holds) == {
        "cuda-toolkit-13-0",
        "slurmd",
        "slurm-client",
    }
    assert (one.parameters, one.acs, one.blacklist) == (("iommu=pt",), "off", ("nouveau",))
    assert [f"{it.name} {it.state}" for it in one.services] == [
        "unattended-upgrades.service masked",
        "apt-daily-upgrade.timer masked",
        "nvidia-persistenced.service enabled",
        "nvidia-fabricmanager.service enabled",
        "nvidia-dcgm.service enabled",
    ]
    assert one.firmware["system"] == "nvfw_DGX_250629.1.0"


def test_hgx_blackwell_has_a_subnet_manager_and_its_module() -> None:
    one = made("nvidia-2026.08", "dgx-b200")
    assert of(one, "fabric") == [
        "nvidia-fabricmanager=595.91.07-1",
        "libnvidia-nscq=595.91.07-1",
        "libnvsdm=595.91.07-1",
        "nvlsm=2025.10.14-1",
    ]
    assert one.modules == ("ib_umad",)


def test_a_tray_has_imex_in_place_of_a_fabric_manager() -> None:
    one = made("nvidia-2026.07", "gb200-nvl72")
    assert of(one, "driver", "fabric") == [
        "nvidia-dkms-580-open=580.159.04",
        "nvidia-driver-580-open=580.159.04",
        "nvidia-modprobe=580.159.04",
        "nvidia-imex=580.159.04-1",
    ]
    assert one.parameters == ("iommu.passthrough=1",)
    assert one.accelerator is not None
    assert one.accelerator.options == (
        "NVreg_CoherentGPUMemoryMode=driver",
        "NVreg_GrdmaPciTopoCheckOverride=1",
    )
    assert of(one, "kernel")[0] == "linux-image-nvidia-64k-6.8=6.8.0-1058.61"


@pytest.mark.parametrize(
    ("driver", "fabric", "tray"),
    [
        ("570.133.20", "nvidia-fabricmanager-570", "nvidia-driver-570-open"),
        ("580.126.20", "nvidia-fabricmanager", "nvidia-driver-580-open"),
        ("590.48.01", "nvidia-fabricmanager", "nvidia-driver-open"),
    ],
)
def test_names_follow_the_branch(driver: str, fabric: str, tray: str) -> None:
    found = with_nvidia(driver=pin(driver), revisions=None)
    assert of(made(found, "dgx-h100"), "fabric")[0] == f"{fabric}={driver}"
    assert f"{tray}={driver}" in of(made(found, "gb200-nvl72"), "driver")
    assert of(made(found, "dgx-h100"), "pinning") == [f"nvidia-driver-pinning-{driver}={driver}"]


def test_a_machine_that_gives_devices_away_keeps_their_isolation() -> None:
    one = made("nvidia-2026.07", "dgx-h100", mode="vm")
    assert (one.acs, one.parameters) == ("on", ("intel_iommu=on",))
    assert one.accelerator is not None
    assert one.accelerator.isolation == ("mig", "node", "confidential")


def test_purposes_differ_in_what_they_need() -> None:
    serving, management = (
        made("nvidia-2026.07", "dgx-h100", "serving"),
        made("nvidia-2026.07", "dgx-h100", "management"),
    )
    assert of(serving, "cuda", "scheduler") == []
    assert of(serving, "driver") == ["nvidia-open=580.126.20"]
    assert management.accelerator is None and of(management, "driver") == []
    assert of(management, "scheduler")[0] == "slurmctld=23.11.4-1.2ubuntu5"
    assert of(made("nvidia-2026.07", "cpu-node", "training"), "driver", "health") == []


def test_amd_by_the_same_door() -> None:
    one = made("amd-2026.07", "mi300x")
    assert of(one, "driver", "rocm") == ["amdgpu-dkms=6.4.4", "rocm=6.4.4"]
    assert one.sysctl["kernel.numa_balancing"] == "0"
    assert one.accelerator is not None
    assert (one.accelerator.groups, one.accelerator.collective) == (
        ("render", "video"),
        VENDORS["amd"]
        .fill(
            release("amd-2026.07").software,  # type: ignore[arg-type]  # it has one
            node_model("mi300x").accelerator,  # type: ignore[arg-type]  # it has one
            Target(node_model("mi300x"), "training"),
        )
        .accelerator.collective,  # type: ignore[union-attr]  # it fills
    )


def test_what_the_release_has_nothing_for_is_no_silence() -> None:
    one = made("amd-2026.07", "dgx-h100")
    assert one.accelerator is not None
    assert (one.accelerator.vendor, one.accelerator.modules, one.listed) == ("nvidia", "", False)


def test_a_release_without_a_set_gives_none() -> None:
    assert solve(release("lab-2026.11"), Target(node_model("lab-node"), "training")) is None


@pytest.mark.parametrize("name", release_names())
def test_solving_is_quick_and_the_same_each_time(name: str) -> None:
    found = release(name)
    began = time.process_time()
    sets = [solve(found, target) for target in targets(found)]
    assert time.process_time() - began < LIMIT_S
    assert sets == [solve(found, target) for target in targets(found)]
