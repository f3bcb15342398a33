"""Sites of more scalable units than the example of 64 has: wider networks, larger switches."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import yaml

from bench.units import EXAMPLE, MACHINES, RACKS
from bloomery.site.metal.delivery import HEADER

IN_ROW = 32
"""Racks of a row, as in the example."""

PLACES = (1, 11, 21, 31)
"""Lowest units of the four machines of a rack."""

SWITCH = "generic-infiniband"
"""Of 128 ports: a tree of three tiers of switches of 64 ends at 256 units."""

POD = 8
"""Units of eight leaves below the spines of a pod: their 64 ports down."""

TWO_TIERS = 128
"""Leaves to storage above which that tree has a third tier: as many as its switches have ports."""

NETWORKS = {
    "oob": {"cidr": "10.0.0.0/11", "controller": "10.0.0.1"},
    "provisioning": {"cidr": "10.32.0.0/11", "gateway": "10.32.0.1"},
}
"""Each of 256 addresses for 8,192 racks."""

FIGURES = {"height_u": 1, "cages": 64, "per_cage": {400: 2}, "power_kw": 1.7}
"""Of ``SWITCH``: twice the ports of a QM9700 in its height and power."""

FIBRE = {
    "name": "long-fibre",
    "kinds": ["infiniband", "ethernet"],
    "ends": ["node", "switch"],
    "speeds_gbps": [100, 400],
    "reach_m": 2000,
}
"""A hall of hundreds of rows is longer than the fibres of the catalogue reach."""


class _Hall:
    """Hands out racks: those of machines first, then stands of switches."""

    def __init__(self, units: int) -> None:
        self.last = units * RACKS

    def stand(self, switches: int, per_rack: int, unit: int = 1) -> dict[str, object]:
        """A stand for so many switches, in racks of its own."""
        first = self.last + 1
        self.last += -(-switches // per_rack)
        return {"racks": [_span(first, self.last)], "per_rack": per_rack, "unit": unit}

    def rows(self) -> Iterator[dict[str, object]]:
        """All racks, a row an entry."""
        for row, first in enumerate(range(1, self.last + 1, IN_ROW), 1):
            last = min(first + IN_ROW - 1, self.last)
            place = {"row": f"row-{row}", "place": 1}
            yield {"name": _span(first, last), "units": 48, "power_kw": 64, **place}


def _span(first: int, last: int) -> str:
    return f"r{first:04}..r{last:04}"


def grown(folder: Path, units: int) -> Path:
    """A site of ``units`` units, 128 to 512, in a directory of its own under ``folder``."""
    place = folder / f"units-{units}"
    place.mkdir()
    sheet = yaml.safe_load((EXAMPLE / "site.yaml").read_text(encoding="utf-8"))
    hall = _Hall(units)
    sheet["fabric"] |= {
        "compute": _compute(sheet["fabric"]["compute"], hall, units),
        "storage": _storage(sheet["fabric"]["storage"], hall, units),
    }
    sheet["fabric"]["oob"]["groups"] = list(_groups(hall, units * RACKS))
    sheet["fabric"]["media"] = [FIBRE]
    sheet["fabric"]["switches"][SWITCH] = FIGURES
    sheet |= {
        "site": place.name,
        "networks": NETWORKS,
        "depot": {"url": "https://10.32.0.2:8480", "media": "https://10.0.0.2:8480/media"},
        "racks": list(hall.rows()),
    }
    (place / "site.yaml").write_text(yaml.safe_dump(sheet, sort_keys=False), encoding="utf-8")
    lines = "\n".join([HEADER, *(_machine(number) for number in range(units * MACHINES))])
    (place / "machines.csv").write_text(f"{lines}\n", encoding="utf-8")
    return place


def _compute(as_is: dict[str, object], hall: _Hall, units: int) -> dict[str, object]:
    """Two units of machines share their leaves, which have twice the ports."""
    shared = -(-units // 2)
    pods = -(-shared // POD)
    return {
        **as_is,
        "switch": SWITCH,
        "su": shared,
        "nodes_per_su": 2 * MACHINES,
        "leaves": hall.stand(shared * 8, 16),
        "spines": hall.stand(pods * 64, 32),
        "cores": hall.stand(64 * 64, 32),
    }


def _storage(as_is: dict[str, object], hall: _Hall, units: int) -> dict[str, object]:
    leaves = units
    cores = {} if leaves <= TWO_TIERS else {"cores": hall.stand(64 * 64, 16)}
    addresses = {"loopbacks": "10.96.0.0/16", "links": "10.112.0.0/12", "hosts": "10.128.0.0/12"}
    return {
        **as_is,
        "su": units // 2,
        "leaves": hall.stand(leaves, 16),
        "spines": hall.stand(-(-leaves // 64) * 64, 16),
        **cores,
        "addresses": {**addresses, "asn": 4_200_000_000},
    }


def _groups(hall: _Hall, machines: int) -> Iterator[dict[str, object]]:
    """Managers' ports: a group for each 512 racks of machines, and for each 64 of switches."""
    net = hall.last
    for first in range(1, machines + 1, 512):
        last = min(first + 511, machines)
        yield _group(
            f"gpu-{first}", hall, (first, last), {"racks_per_switch": 4, "units_per_port": 4}
        )
    for first in range(machines + 1, net + 1, 64):
        yield _group(f"net-{first}", hall, (first, min(first + 63, net)), {"racks_per_switch": 1})


def _group(
    name: str, hall: _Hall, racks: tuple[int, int], shape: dict[str, int]
) -> dict[str, object]:
    stand = hall.stand(12, 12)
    uplinks = {"switch": "sn4600c", "speed_gbps": 100, "stand": stand}
    return {"name": name, "racks": [_span(*racks)], **shape, "unit": 48, "uplinks": uplinks}


def _machine(number: int) -> str:
    rack, at = divmod(number, len(PLACES))
    name, unit = f"b200-{number + 1:05}", PLACES[at]
    digest = hashlib.sha256(name.encode()).hexdigest()
    high, low = divmod(rack + 1, 256)
    return ",".join(
        (
            name,
            "b200",
            f"r{rack + 1:04}",
            str(unit),
            f"02:40:00:{high:02x}:{low:02x}:{unit:02x}",
            f"10.{high}.{low}.{unit}",
            hashlib.sha256(f"certificate of {name}".encode()).hexdigest(),
            f"GROWN-{digest[:10].upper()}",
            str(uuid.UUID(digest[:32], version=4)),
        )
    )
