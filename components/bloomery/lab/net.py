"""The hosts' network: one bridge of the lab, and a namespace with one port a host.

Hosts reach each other and the package mirror; nothing else of this machine, and no
other network. Every name begins with the lab's id.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from bloomery.errors import LabError
from bloomery.lab.command import run

NETNS_FOLDER = Path("/run/netns")
"""Where iproute2 keeps named namespaces (ip-netns(8))."""

RULES = """\
table inet {id} {{}}
delete table inet {id}
table inet {id} {{
  chain input {{
    type filter hook input priority -10; policy accept;
    iifname "{id}br" ct state established,related accept
    iifname "{id}br" ip daddr {address} tcp dport {port} accept
    iifname "{id}br" meta l4proto {{ icmp, ipv6-icmp }} accept
    iifname "{id}br" drop
  }}
  chain forward {{
    type filter hook forward priority -10; policy accept;
    iifname "{id}br" oifname != "{id}br" drop
    oifname "{id}br" iifname != "{id}br" drop
  }}
}}
"""
"""Replaced as a whole and in one transaction (nft -f), so a repair never opens a gap."""


@dataclass(frozen=True)
class HostNet:
    """Network of the hosts of one lab."""

    id: str
    address: str
    """The controller's address on the bridge."""
    prefix: int
    port: int
    """TCP port of the package mirror, the only one hosts may reach here."""

    @property
    def bridge(self) -> str:
        """Name of the bridge."""
        return f"{self.id}br"

    def ensure(self) -> None:
        """Make or repair bridge and rules."""
        name = self.bridge
        if not Path(f"/sys/class/net/{name}").exists():
            run(["ip", "link", "add", name, "type", "bridge", "stp_state", "0"])
        run(["ip", "address", "replace", f"{self.address}/{self.prefix}", "dev", name])
        run(["ip", "link", "set", name, "up"])
        run(["nft", "-f", "-"], RULES.format(id=self.id, address=self.address, port=self.port))

    def namespace(self, machine: str) -> Path:
        """File of a machine's namespace."""
        return NETNS_FOLDER / namespace_name(self.id, machine)

    def plug(self, machine: str, mac: str) -> None:
        """Fresh namespace with a port ``eth0`` on the bridge; an old one is removed first."""
        unplug(self.id, machine)
        port, space = port_name(self.id, machine), namespace_name(self.id, machine)
        run(["ip", "netns", "add", space])
        commands = (
            f"link add {port} type veth peer name eth0 netns {space} address {mac}\n"
            f"link set {port} master {self.bridge} up\n"
        )
        run(["ip", "-batch", "-"], commands)

    def plug_tap(self, machine: str) -> None:
        """Fresh tap device on the bridge, for a machine whose network card is emulated."""
        unplug(self.id, machine)
        port = port_name(self.id, machine)
        run(["ip", "tuntap", "add", "dev", port, "mode", "tap"])
        run(["ip", "link", "set", port, "master", self.bridge, "up"])


def port_name(lab: str, machine: str) -> str:
    """Name of the machine's port on the bridge, 14 characters."""
    return f"{lab}{hashlib.sha256(machine.encode()).hexdigest()[:7]}"


def namespace_name(lab: str, machine: str) -> str:
    """Name of the machine's network namespace."""
    return f"{lab}-{machine}"


def unplug(lab: str, machine: str) -> None:
    """Remove port and namespace; the port first, since a namespace goes only some time later."""
    port, space = port_name(lab, machine), namespace_name(lab, machine)
    if Path(f"/sys/class/net/{port}").exists():
        run(["ip", "link", "delete", port])
    if (NETNS_FOLDER / space).exists():
        run(["ip", "netns", "delete", space])


def set_link(lab: str, machine: str, state: str) -> None:
    """Take the machine's link ``up`` or ``down``; a machine that is off has none."""
    port = port_name(lab, machine)
    if Path(f"/sys/class/net/{port}").exists():
        run(["ip", "link", "set", port, state])


def remove_all(lab: str) -> None:
    """Remove every namespace, link and rule of the lab, by name."""
    for name in links(lab):
        # Removing one end of a pair takes the other, which may be the next in the list.
        with contextlib.suppress(LabError):
            run(["ip", "link", "delete", name])
    for name in namespaces(lab):
        run(["ip", "netns", "delete", name])
    if tables(lab):
        run(["nft", "delete", "table", "inet", lab])


def links(lab: str) -> list[str]:
    """Links of the lab on this machine, ports before the bridge."""
    folder = Path("/sys/class/net")
    mine = [link.name for link in folder.iterdir() if link.name.startswith(lab)]
    return sorted(mine, key=lambda name: (name == f"{lab}br", name))


def namespaces(lab: str) -> list[str]:
    """Network namespaces of the lab."""
    if not NETNS_FOLDER.is_dir():
        return []
    return sorted(file.name for file in NETNS_FOLDER.iterdir() if file.name.startswith(f"{lab}-"))


def tables(lab: str) -> list[str]:
    """nftables tables of the lab; none where nftables is not installed."""
    if shutil.which("nft") is None:
        return []
    listed = json.loads(run(["nft", "-j", "list", "tables"]))["nftables"]
    return [item["table"]["name"] for item in listed if item.get("table", {}).get("name") == lab]
