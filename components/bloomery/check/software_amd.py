"""Rule R24: what must match in the software of AMD accelerators."""

from __future__ import annotations

from collections.abc import Iterator

from bloomery.check.preconditions import AMD
from bloomery.check.rule import Finding
from bloomery.check.software_rule import SetRule, finding, named
from bloomery.plan.model import SoftwarePlan

GROUPS = {"render", "video"}
"""Groups that own the device files of the driver."""


def _rocm(one: SoftwarePlan) -> Iterator[Finding]:
    of = one.accelerator
    if of is None or of.vendor != "amd" or not any(named(one, "amdgpu-dkms")):
        return  # R1 names a set without a driver
    versions = {it.version for it in named(one, "rocm*", "rccl*")}
    if len(versions) != 1:
        yield finding(
            one,
            f"ROCm {', '.join(sorted(versions)) or 'is not there'}",
            "one version of all its packages",
            "give all packages of ROCm one version: they call each other's internals",
        )
    if lacks := sorted(GROUPS.difference(of.groups)):
        yield finding(one, f"no group {', '.join(lacks)}", "render and video", "add the groups")


RULES = (
    SetRule(
        "R24",
        "ROCm is of one version, and its users are in the groups of the devices",
        "AMD, installation of ROCm on Ubuntu; Azure azhpc-images",
        _rocm,
        AMD,
    ),
)
