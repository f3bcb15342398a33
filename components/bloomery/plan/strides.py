"""Places that never move: computed from what a machine is, not from where it is listed."""

from __future__ import annotations

import hashlib
import ipaddress

RACK_STRIDE = 256
"""Addresses set aside per rack: more than the tallest rack has units, and one octet to read."""

LOCAL_UNICAST = 0x02
"""First octet of a MAC, IEEE 802: bit 1 says locally administered, bit 0 says group."""


def host_address(cidr: str, rack: int, unit: int) -> str:
    """Address of the host in ``rack`` at ``unit``: rack number x 256 + unit into ``cidr``.

    May lie outside a small network; ``check`` says so (rule M5).
    """
    network = ipaddress.IPv4Network(cidr)
    return str(ipaddress.IPv4Address(int(network.network_address) + rack * RACK_STRIDE + unit))


def host_mac(system_uuid: str) -> str:
    """Provisioning MAC of a machine: 40 bits of its UUID's digest behind ``02``."""
    digest = hashlib.sha256(f"bloomery host port {system_uuid}".encode()).digest()
    return ":".join(f"{octet:02x}" for octet in (LOCAL_UNICAST, *digest[:5]))
