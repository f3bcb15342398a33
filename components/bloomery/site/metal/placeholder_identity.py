"""Identities that stand in for those of machines nobody has delivered yet.

A draft has machines and places and no identities. To plan and check it, each row without
any gets values that follow from its name and place, so that nothing collides. They never
leave the process: no file is written with them, and ``load`` of anything but a draft
refuses the empty cells.
"""

from __future__ import annotations

import csv
import hashlib
import io
import ipaddress
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import TypeAdapter, ValidationError

from bloomery.names import plain_number
from bloomery.site.metal.delivery import IDENTITY
from bloomery.site.metal.numbers import STRIDE
from bloomery.site.types.network_types import Cidr

ANY_NETWORK = "10.0.0.0/8"
"""Where the file gives no network of the BMCs that can be read; its own fault says so."""

LOCAL_UNICAST = "02"
"""First octet of a MAC that no vendor gave out (IEEE 802)."""


@dataclass(frozen=True)
class _Bmcs:
    """Addresses of BMCs that follow from their places."""

    network: ipaddress.IPv4Network
    numbers: Mapping[str, int]

    def address(self, cells: Mapping[str, str]) -> str:
        """Rack number x 256 + unit into the BMC network; any address where that cannot be told."""
        name = cells.get("rack", "")
        rack = self.numbers.get(name, plain_number(name) or 0)
        unit = re.fullmatch(r"[0-9]{1,2}", cells.get("unit", ""))
        place = rack * STRIDE + (int(unit[0]) if unit else 1)
        return str(self.network.network_address + place)


def with_placeholders(
    text: str, oob_cidr: str | None, numbers: Mapping[str, int] = MappingProxyType({})
) -> str:
    """The delivery list ``text`` with stand-ins where all identity cells of a row are empty.

    ``numbers`` are those of the racks; of one that is not in it, the number in its plain name.

    Lines keep their numbers. What cannot be read, or a row that is partly filled, stays as
    it is: ``parse_delivery`` says what is wrong with it.
    """
    lines = text.splitlines()
    try:
        rows = list(csv.reader(lines, strict=True))
    except csv.Error:
        return text
    # A cell that runs over several lines would shift all below it.
    if not rows or len(rows) != len(lines):
        return text
    header = [cell.strip() for cell in rows[0]]
    bmcs = _Bmcs(_network(oob_cidr), numbers)
    filled = [rows[0], *(_row(header, row, bmcs) for row in rows[1:])]
    return "".join(_line(row) for row in filled)


def rows_without_identity(text: str) -> int:
    """Rows of ``text`` whose identity is still to be filled."""
    rows = csv.DictReader(text.splitlines())
    return sum(not any((row.get(key) or "").strip() for key in IDENTITY) for row in rows)


def _row(header: list[str], row: list[str], bmcs: _Bmcs) -> list[str]:
    cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
    known = set(IDENTITY) <= set(header) and len(row) == len(header)
    if not known or any(cells[key] for key in IDENTITY) or not cells.get("name"):
        return row
    cells.update(_identity(cells, bmcs))
    return [cells[column] for column in header]


def _identity(cells: dict[str, str], bmcs: _Bmcs) -> dict[str, str]:
    digest = hashlib.sha256(f"stand-in {cells['name']}".encode()).digest()
    return {
        "bmc_mac": ":".join([LOCAL_UNICAST, *(f"{octet:02x}" for octet in digest[:5])]),
        "bmc_address": bmcs.address(cells),
        "chassis_serial": f"DRAFT-{digest[:8].hex()}",
        "system_uuid": str(uuid.UUID(bytes=digest[:16], version=4)),
    }


def _network(oob_cidr: str | None) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(TypeAdapter(Cidr).validate_python(oob_cidr or ANY_NETWORK))
    except ValidationError:
        return ipaddress.IPv4Network(ANY_NETWORK)


def _line(row: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue()
