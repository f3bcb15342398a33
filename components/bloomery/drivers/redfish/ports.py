"""The BMC's own network ports: whose MACs a delivery list may name."""

from __future__ import annotations

from bloomery.drivers.redfish import values
from bloomery.drivers.redfish.tree import link, members, part, text
from bloomery.drivers.redfish.wire import Json, Resource, Wire

TO_HOST = ("usb", "tohost", "tmfifo")
"""Parts of the Id of a port between a BMC and its own host; their MACs repeat on every machine."""


def macs(wire: Wire, manager: Resource) -> tuple[str, ...]:
    """MACs of all enabled ports that lead to a network, sorted."""
    path = link(manager.body, "EthernetInterfaces")
    if not path:
        return ()
    found: set[str] = set()
    for port in members(wire, path):
        body = wire.get(port).body
        if _leads_out(body):
            told = (body.get("PermanentMACAddress"), body.get("MACAddress"))
            found |= {values.mac(one) for one in told}
    return tuple(sorted(found - {""}))


def _leads_out(port: Json) -> bool:
    off = port.get("InterfaceEnabled") is False or text(part(port, "Status"), "State") == "Disabled"
    inner = bool(link(port, "Links", "HostInterface"))
    return not off and not inner and not any(one in text(port, "Id").lower() for one in TO_HOST)
