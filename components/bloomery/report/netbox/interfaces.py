"""The interfaces that cables of a plan end at."""

from __future__ import annotations

from collections.abc import Mapping

from bloomery.plan.model import Plan
from bloomery.report.netbox.devices import Device
from bloomery.report.netbox.table import Table, table

COLUMNS = ("device", "name", "type", "mgmt_only")
"""Columns of interfaces."""

INFINIBAND = {
    100: "infiniband-edr",
    200: "infiniband-hdr",
    400: "infiniband-ndr",
    800: "infiniband-xdr",
}
"""Gb/s of a 4x port -> NetBox's type of interface."""

ETHERNET = {
    1: "1000base-t", 10: "10gbase-t", 25: "25gbase-x-sfp28", 100: "100gbase-x-qsfp28",
    200: "200gbase-x-qsfp56", 400: "400gbase-x-osfp", 800: "800gbase-x-osfp",
}  # fmt: skip
"""Gb/s of a port -> NetBox's type of interface."""

OOB = "oob"
"""Network whose cables begin at management ports."""


def interfaces(plan: Plan, known: Mapping[str, Device]) -> Table:
    """One row an interface, under the name NetBox has for it."""
    kinds = {network.name: network.kind for network in plan.fabric.networks}
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for c in plan.fabric.cables:
        access = c.network == OOB
        kind = _type(kinds.get(c.network, "ethernet"), c.speed_gbps)
        low = c.a_device, known[c.a_device].port(c.a_port)
        high = c.b_device, known[c.b_device].port(c.b_port)
        seen.setdefault(low, (kind, "true" if access else "false"))
        seen.setdefault(high, (kind, "false"))
    return table(COLUMNS, *((*end, *told) for end, told in seen.items()))


def _type(kind: str, gbps: float) -> str:
    known = INFINIBAND if kind == "infiniband" else ETHERNET
    return known.get(round(gbps), "other")
