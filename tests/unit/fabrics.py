"""Sites with fabrics, as a person would write them, of any size."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from bloomery.site import Site

Part = dict[str, Any]

UNITS = (1, 11, 21, 31)
"""Lowest units of the four machines of a rack; the model is 10 U."""

NETWORK_RACK = 801
"""First of the racks that hold switches only."""

DISTANCES = {"rack_pitch_m": "0.6 m", "row_pitch_m": "2.4 m"}

FIGURES = {
    "sn5600": {"power_kw": "1.5 kW"},
    "sn2201": {"power_kw": "150 W"},
    "sn4600c": {"power_kw": "800 W"},
    "q3400": {"height_u": 4, "power_kw": "6 kW"},
}
"""Figures no source gives; round numbers."""

ETHERNET = {
    "loopbacks": "10.96.0.0/20",
    "links": "10.100.0.0/14",
    "hosts": "10.104.0.0/14",
    "asn": 4_200_000_000,
}


def machine(number: int, pool: str = "train", first_rack: int = 1) -> Part:
    """Machine ``number`` of ``pool``: its rack and identity follow from the number."""
    rack, unit = (number - 1) // len(UNITS) + first_rack, UNITS[(number - 1) % len(UNITS)]
    serial = f"{pool}-{number:04}"
    return {
        "name": serial,
        "pool": pool,
        "rack": f"r{rack:03}",
        "unit": unit,
        "bmc_mac": f"02:10:{rack >> 8:02x}:{rack & 255:02x}:00:{unit:02x}",
        "bmc_address": f"10.{16 + rack // 256}.{rack % 256}.{unit}",
        "bmc_cert_sha256": "",
        "chassis_serial": serial,
        "system_uuid": str(uuid.uuid5(uuid.NAMESPACE_DNS, serial)),
    }


def tier(first: int, per_rack: int = 8, racks: int = 64, unit: int = 1) -> Part:
    """Switches from rack ``first`` of the network racks on."""
    start = NETWORK_RACK + first
    return {"racks": [f"r{start}..r{start + racks - 1}"], "per_rack": per_rack, "unit": unit}


def network(su: int, **changes: Any) -> Part:
    """InfiniBand for 32 machines of 8 rails a unit."""
    return {
        "kind": "infiniband",
        "switch": "qm9700",
        "speed_gbps": "400 Gb/s",
        "pools": {"train": 1},
        "su": su,
        "nodes_per_su": 32,
        "rails": 8,
        "leaves": tier(0),
        "spines": tier(64),
        "cores": tier(128),
        **changes,
    }


def ethernet(su: int, **changes: Any) -> Part:
    """Ethernet of the same size, on switches of 128 ports."""
    return network(su, kind="ethernet", switch="sn5600", **{"addresses": dict(ETHERNET), **changes})


def fabric(**parts: Any) -> Part:
    """The section ``fabric`` with ``parts``."""
    return {"switches": FIGURES, "distances": DISTANCES, **parts}


TRAIN = {"name": "train", "model": "dgx-b200", "purpose": "training"}
SERVE = {"name": "serve", "model": "dgx-b200", "purpose": "serving"}


def site(
    sheet: Mapping[str, Any],
    machines: Iterable[Part],
    projects: Iterable[Part] = (),
    pools: Iterable[Part] = (TRAIN,),
) -> Site:
    """A site with the fabric ``sheet``."""
    return Site.model_validate(
        {
            "site": "woven",
            "country": "UA",
            "location": "UA-lviv",
            "release": "metal-2026.11",
            "networks": {
                "oob": {"cidr": "10.16.0.0/14", "controller": "10.16.0.1"},
                "provisioning": {"cidr": "10.40.0.0/14", "gateway": "10.40.0.1"},
            },
            "depot": {"url": "http://10.40.0.1:8480"},
            "racks": [
                {"name": "r001..r800", "units": 48, "power_kw": 64, "row": "row-1", "place": 1},
                {"name": "r801..r999", "units": 48, "power_kw": 64, "row": "row-2", "place": 1},
            ],
            "pools": list(pools),
            "fabric": dict(sheet),
            "projects": list(projects),
            "machines": list(machines),
        }
    )


def project(number: int) -> Part:
    """Project ``number``."""
    return {
        "name": f"project-{number}",
        "id": number,
        "isolation": "shared",
        "data_class": "internal",
        "pool": "train",
        "owner": "a group",
    }
