"""Removes every kernel object of a lab by its name alone, whoever was killed before."""

from __future__ import annotations

import os
from pathlib import Path

from bloomery.lab import net
from bloomery.lab.cgroup import Cgroup, hierarchies
from bloomery.lab.command import run

UNESCAPED = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}
"""How the kernel writes such characters of a path in mountinfo (proc(5))."""


def kernel_objects(lab: str, state: Path) -> None:
    """Remove everything of the lab ``lab``, whose files are below ``state``.

    Processes first, since they hold the rest. Without root there can be none of these.
    """
    if os.geteuid() != 0:
        return
    if hierarchies():
        Cgroup.of(lab).remove()
    for place in mounts_below(state):
        run(["umount", place])
    net.remove_all(lab)


def machine_objects(lab: str, machine: str, disk: Path) -> None:
    """Remove everything of one machine, whose disk is at ``disk``."""
    if os.geteuid() != 0:
        return
    if hierarchies():
        Cgroup.of(f"{lab}/{machine}").remove()
    for place in mounts_below(disk):
        run(["umount", place])
    net.unplug(lab, machine)


def mounts_below(folder: Path) -> list[str]:
    """Mount points at or below ``folder``, the latest first, as they must be unmounted."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        place = line.split(" ")[4]
        for written, meant in UNESCAPED.items():
            place = place.replace(written, meant)
        if Path(place).is_relative_to(folder.resolve()):
            found.append(place)
    return found[::-1]


def leftovers(lab: str, state: Path) -> list[str]:
    """Everything of a lab that is still in the kernel, for people and tests; empty after down."""
    groups = [Cgroup.of(lab)] if hierarchies() else []
    left = [f"cgroup {group.name}" for group in groups if group.exists()]
    left += [f"process {pid}" for group in groups for pid in sorted(group.pids())]
    left += [f"mount {place}" for place in mounts_below(state)]
    left += [f"link {name}" for name in net.links(lab)]
    left += [f"namespace {name}" for name in net.namespaces(lab)]
    if os.geteuid() == 0:
        left += [f"nftables table {name}" for name in net.tables(lab)]
    return left
