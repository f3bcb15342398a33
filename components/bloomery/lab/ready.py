"""What a lab needs of this machine, said before anything is changed."""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from bloomery.errors import NotReadyError
from bloomery.lab import mounts
from bloomery.lab.command import run
from bloomery.lab.metal import tpm, uefi
from bloomery.lab.metal.hardware import PROGRAM
from bloomery.lab.spec import LabSpec
from bloomery.statedir import ENV_STATE

TOOLS: Mapping[str, str] = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "nft": "nftables",
    "unshare": "util-linux",
    "apt-get": "apt",
    "apt-ftparchive": "apt-utils",
    "gpg": "gnupg",
}
"""Programme -> Debian package it comes in."""

MACHINE_TOOLS: Mapping[str, str] = {
    PROGRAM: "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "xorriso": "xorriso",
    "mformat": "mtools",
    "mke2fs": "e2fsprogs",
    "zstd": "zstd",
}
"""The same, for machines with firmware of their own; the firmware itself is a file."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
"""Keys the image is checked with; not on every system that has mmdebstrap."""

WATCHES = 7
"""inotify instances of one guest at rest, counted on Debian 12."""

LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")

IN_USE = "is in use"
"""Words of a fault by which its next step is told."""

PRIVILEGED_BELOW = 1024
"""Ports below need root (ip(7), ip_unprivileged_port_start)."""


def require(spec: LabSpec, state: Path, cache: Path) -> None:
    """Raise NotReadyError naming everything that is missing at once; looks only."""
    faults = [*_system_faults(), *_address_faults(spec), *_mixture_faults(spec)]
    if spec.guests:
        faults += [*_guest_faults(spec), *_disk_faults(state, cache)]
        faults += [*_network_faults(spec), *_watch_faults(spec)]
    if faults:
        raise NotReadyError(
            "; ".join(faults), subject=f"lab {spec.site}", next_step=_next_step(faults)
        )


def _system_faults() -> list[str]:
    return [] if sys.platform == "linux" else [f"the lab needs Linux, this is {sys.platform}"]


def _mixture_faults(spec: LabSpec) -> list[str]:
    """A lab has one medium: a machine starts from it, the others read it whole."""
    others = sorted({machine.kind for machine in spec.machines} - {"machine"})
    if not spec.metal or not others:
        return []
    return [f"machines of model lab-metal and of another kind ({', '.join(others)}) in one lab"]


def _watch_faults(spec: LabSpec) -> list[str]:
    """Every guest's systemd watches files; the kernel counts them per user, guests included."""
    limit = int(Path("/proc/sys/fs/inotify/max_user_instances").read_text())
    needed = WATCHES * sum(machine.kind == "guest" for machine in spec.machines) + WATCHES
    if needed <= limit:
        return []
    return [
        "inotify limit is too low for this number of guests:"
        f" sysctl fs.inotify.max_user_instances={needed}"
    ]


def _guest_faults(spec: LabSpec) -> list[str]:
    faults = [] if os.geteuid() == 0 else ["machines with a real OS need root"]
    tools = {**TOOLS, **(MACHINE_TOOLS if spec.metal else {})}
    if any(machine.tpm for machine in spec.machines):
        tools[tpm.PROGRAM] = "swtpm"
    missing = {pack for tool, pack in tools.items() if shutil.which(tool) is None}
    missing |= set() if KEYRING.exists() else {"debian-archive-keyring"}
    missing |= {"ovmf"} if spec.metal and not uefi.PLAIN.code.exists() else set()
    packages = sorted(missing)
    if packages:
        faults.append(f"packages are missing: {' '.join(packages)}")
    return faults


def _disk_faults(state: Path, cache: Path) -> list[str]:
    """Disks are overlays, which cannot lie on an overlay, and whose options are split at signs."""
    faults = []
    if mounts.kind_of(state) == "overlay":
        faults.append(f"{state} is on an overlay file system; set {ENV_STATE} to one that is not")
    faults += [f"{path} has a comma or colon in it" for path in (state, cache) if _split(path)]
    return faults


def _split(path: Path) -> bool:
    return any(sign in str(path) for sign in ",:")


def _network_faults(spec: LabSpec) -> list[str]:
    """The hosts' network must not be one this machine is in already."""
    wanted = ipaddress.IPv4Interface(f"{spec.depot_address}/{spec.prefix}").network
    faults = []
    for link in json.loads(run(["ip", "-j", "-4", "address"])) if shutil.which("ip") else []:
        for place in link["addr_info"]:
            there = ipaddress.IPv4Interface(f"{place['local']}/{place['prefixlen']}").network
            if there.overlaps(wanted) and not link["ifname"].startswith(spec.id):
                faults.append(f"network {wanted} {IN_USE} on link {link['ifname']}")
    return faults


def _address_faults(spec: LabSpec) -> list[str]:
    """BMCs and ghosts listen on loopback addresses, which every Linux has without set-up."""
    places = [(spec.media_address, spec.media_port, "the controller")]
    for machine in spec.machines:
        places.append((machine.bmc_address, machine.bmc_port, f"the BMC of {machine.name}"))
        if machine.kind == "ghost":
            places.append((machine.host_address, machine.ssh_port, f"ghost {machine.name}"))
    faults = []
    for address, port, owner in places:
        if ipaddress.IPv4Address(address) not in LOOPBACK:
            faults.append(f"{owner} has {address}, a lab needs an address in {LOOPBACK}")
        if port < PRIVILEGED_BELOW and os.geteuid() != 0:
            faults.append(f"{owner} has port {port}, which needs root")
    return faults


def _next_step(faults: list[str]) -> str:
    for fault in faults:
        if fault.startswith("packages are missing: "):
            return f"apt-get install {fault.partition(': ')[2]}"
    if any(IN_USE in fault for fault in faults):
        return "stop what uses it, or configure other networks for this site"
    return "run as root" if any("root" in fault for fault in faults) else ""
