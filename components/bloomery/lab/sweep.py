"""Removes every kernel object of a lab by its name alone, whoever was killed before."""

from __future__ import annotations

import os
from pathlib import Path

from bloomery.lab import mounts, net
from bloomery.lab.cgroup import Cgroup, hierarchies
from bloomery.lab.command import run


def kernel_objects(lab: str, state: Path) -> None:
    """Remove everything of the lab ``lab``, whose files are below ``state``.

    Processes first, since they hold the rest. Without root there can be none of these.
    """
    if os.geteuid() != 0:
        return
    if hierarchies():
        Cgroup.of(lab).remove()
    for place in mounts.below(state):
        run(["umount", str(place)])
    net.remove_all(lab)


def machine_objects(lab: str, machine: str, disk: Path) -> None:
    """Remove everything of one machine, whose disk is at ``disk``."""
    if os.geteuid() != 0:
        return
    if hierarchies():
        Cgroup.of(f"{lab}/{machine}").remove()
    for place in mounts.below(disk):
        run(["umount", str(place)])
    net.unplug(lab, machine)


def leftovers(lab: str, state: Path) -> list[str]:
    """Everything of a lab that is still in the kernel, for people and tests; empty after down."""
    groups = [Cgroup.of(lab)] if hierarchies() else []
    left = [f"cgroup {group.name}" for group in groups if group.exists()]
    left += [f"process {pid}" for group in groups for pid in sorted(group.pids())]
    left += [f"mount {place}" for place in mounts.below(state)]
    left += [f"link {name}" for name in net.links(lab)]
    left += [f"namespace {name}" for name in net.namespaces(lab)]
    if os.geteuid() == 0:
        left += [f"nftables table {name}" for name in net.tables(lab)]
    return left
