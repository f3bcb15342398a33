"""What a lab needs of this machine, said before anything is changed."""

from __future__ import annotations

import ipaddress
import os
import shutil
import sys
from collections.abc import Mapping

from bloomery.errors import NotReadyError
from bloomery.lab.spec import LabSpec

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

LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")

PRIVILEGED_BELOW = 1024
"""Ports below need root (ip(7), ip_unprivileged_port_start)."""


def require(spec: LabSpec) -> None:
    """Raise NotReadyError naming everything that is missing at once."""
    faults = [*_system_faults(), *_address_faults(spec)]
    if spec.guests:
        faults += _guest_faults()
    if faults:
        raise NotReadyError(
            "; ".join(faults), subject=f"lab {spec.site}", next_step=_next_step(faults)
        )


def _system_faults() -> list[str]:
    return [] if sys.platform == "linux" else [f"the lab needs Linux, this is {sys.platform}"]


def _guest_faults() -> list[str]:
    faults = [] if os.geteuid() == 0 else ["machines with a real OS need root"]
    packages = sorted({pack for tool, pack in TOOLS.items() if shutil.which(tool) is None})
    if packages:
        faults.append(f"packages are missing: {' '.join(packages)}")
    return faults


def _address_faults(spec: LabSpec) -> list[str]:
    """BMCs and ghosts listen on loopback addresses, which every Linux has without set-up."""
    places = [(spec.controller_oob, spec.media_port, "the controller")]
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
    return "run as root" if any("need" in fault for fault in faults) else ""
