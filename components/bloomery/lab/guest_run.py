"""The command lines of a guest: how it is mounted, isolated and booted."""

from __future__ import annotations

from pathlib import Path

from bloomery.lab.disk import Disk
from bloomery.lab.faults import BOOT_HANG, SSH_REFUSED, MachineFaults

IN_OWN_MOUNTS = ("unshare", "--mount", "--propagation", "slave")
"""Mounts made inside vanish with the process; those removed outside vanish inside too, or
an old copy would keep a removed network namespace alive."""

HUNG_INIT = ("/bin/sh", "-c", "echo 'boot hang: init never starts'; exec sleep infinity")
"""A system that hangs before init: as process 1 it ignores the power button, too."""


def mount_command(disk: Disk, image: Path) -> list[str]:
    """Mounts the disk; run inside ``IN_OWN_MOUNTS``."""
    options = disk.overlay_options(image)
    return ["mount", "-t", "overlay", "-o", options, "bloomery-disk", str(disk.mount_point)]


def nspawn_command(machine: str, disk: Disk, namespace: Path, faults: MachineFaults) -> list[str]:
    """Boots the mounted disk (systemd-nspawn(1)).

    ``--keep-unit`` leaves it in the control group it is started in. CAP_NET_ADMIN has to be
    asked for when the namespace is given by path, or networkd does nothing.
    """
    command = [
        "systemd-nspawn",
        "--quiet",
        "--keep-unit",
        "--register=no",
        f"--directory={disk.mount_point}",
        f"--machine={machine}",
        f"--network-namespace-path={namespace}",
        "--capability=CAP_NET_ADMIN",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        "--notify-ready=yes",
        # SIGRTMIN+4 asks systemd for a power-off; the default asks for a halt.
        "--kill-signal=SIGRTMIN+4",
        "--console=read-only",
    ]
    if BOOT_HANG in faults:
        return [*command, *HUNG_INIT]
    masked = ["systemd.mask=ssh.service"] if SSH_REFUSED in faults else []
    return [*command, "--boot", *masked]
