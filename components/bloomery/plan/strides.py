"""Places that never move: computed from what a machine is, not from where it is listed."""

from __future__ import annotations

import hashlib
import ipaddress
from functools import cache

from bloomery.site.metal.numbers import STRIDE

LOCAL_UNICAST = 0x02
"""First octet of a MAC, IEEE 802: bit 1 says locally administered, bit 0 says group."""


def host_address(cidr: str, rack: int, unit: int) -> str:
    """Address of the host in ``rack`` at ``unit``: rack number x 256 + unit into ``cidr``.

    May lie outside a small network; ``check`` says so (rule M5).
    """
    first = int(network(cidr).network_address)
    return str(ipaddress.IPv4Address(first + rack * STRIDE + unit))


@cache
def network(cidr: str) -> ipaddress.IPv4Network:
    """The network of ``cidr``. Read once: every machine of a site asks for the same few."""
    return ipaddress.IPv4Network(cidr)


def host_mac(system_uuid: str) -> str:
    """Provisioning MAC of a machine: 40 bits of its UUID's digest behind ``02``."""
    digest = hashlib.sha256(f"bloomery host port {system_uuid}".encode()).digest()
    return ":".join(f"{octet:02x}" for octet in (LOCAL_UNICAST, *digest[:5]))
