"""Whether a running system stands on the disk, and was started as, the site wants it."""

from __future__ import annotations

from collections.abc import Iterator

from bloomery.drivers.ssh.protocol import HostFacts
from bloomery.plan.model import NodePlan, OsDiskPlan
from bloomery.provider.phases.work import Stuck

MIRROR_DISKS = 2
"""Disks that a mirror stands on."""


def see_layout(node: NodePlan, said: HostFacts) -> None:
    """Raise Stuck where the layout is not there; what could not be measured is not there."""
    if lacks := [*_disk(node.os_disk or OsDiskPlan(), said.root)]:
        again = f"write {node.name}: {said.generation + 1} in reinstall of site.yaml"
        raise Stuck("reachable", "; ".join(lacks), f"{again}, which wipes it, then pulumi up")
    if node.os_disk and node.os_disk.mirror and said.root.count("disk") < MIRROR_DISKS:
        next_step = "replace the lost disk and add it to the arrays (mdadm --add), then pulumi up"
        raise Stuck("reachable", f"the mirror lacks a disk: {', '.join(said.root)}", next_step)
    if node.secure_boot and not said.secure_boot:
        found = "unknown" if said.secure_boot is None else "not enforced"
        next_step = f"switch it on in the firmware of {node.name}, then pulumi up"
        raise Stuck("reachable", f"Secure Boot required, found: {found}", next_step)


def _disk(wanted: OsDiskPlan, root: tuple[str, ...]) -> Iterator[str]:
    shown = ", ".join(root) or "unknown"
    if wanted.mirror and "raid1" not in root:
        yield f"RAID 1 required, the root file system is on: {shown}"
    if wanted.encrypt and "crypt" not in root:
        yield f"LUKS2 required, the root file system is on: {shown}"
