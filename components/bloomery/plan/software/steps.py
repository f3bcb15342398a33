"""The steps of an installation: their order, what is held, and what a change of each takes.

The order is that of two public builds for Ubuntu 24.04 (Azure azhpc-images, NVIDIA DeepOps 26.07).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bloomery.plan.model import PackagePlan

Effect = Literal["reboot", "restart", "none"]
"""What a change needs on a live machine: a reboot, a restart of services, or nothing."""


@dataclass(frozen=True)
class Step:
    """One step."""

    effect: Effect
    hold: bool
    """Whether its packages are held: an upgrade of one alone breaks the set."""
    why: str


STEPS: Mapping[str, Step] = {
    "kernel": Step("reboot", True, "every kernel module is built for it"),
    "network": Step(
        "reboot", True, "modules of the accelerator use its symbols; gpu-operator#2868"
    ),
    "pinning": Step("none", True, "keeps the driver at one version"),
    "driver": Step("reboot", True, "kernel module and libraries must be of one version"),
    "fabric": Step("reboot", True, "must be of the driver's version; gpu-operator#544"),
    "cuda": Step("none", False, "running jobs keep the files they opened"),
    "rocm": Step("none", True, "libraries of one release of ROCm belong together"),
    "gdrcopy": Step("reboot", True, "its module cannot be unloaded while it is used"),
    "collectives": Step("none", True, "baselines are measured with one version"),
    "containers": Step("restart", True, "three packages of one version; containerd reads it"),
    "health": Step("restart", True, "DeepOps#1394: an unheld DCGM was replaced by an older one"),
    "scheduler": Step("restart", False, "controller and machines are updated one after the other"),
}
"""Step -> what it takes, in the order of installation."""


UNKNOWN = Step("reboot", True, "a step of another version of bloomery: nothing is known of it")
"""What a step is taken for that a sealed plan has and this version has not."""


def place(step: str) -> int:
    """Where in the order of installation ``step`` stands; one that is unknown is last."""
    return list(STEPS).index(step) if step in STEPS else len(STEPS)


def package(name: str, version: str, repository: str, step: str) -> PackagePlan:
    """A package of ``step``, held where the step says so."""
    return PackagePlan(name, version, repository, step, STEPS[step].hold)
