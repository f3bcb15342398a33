"""A small site that keeps every rule of metal and power: two racks of DGX H100 on three sides.

Three sides, because six supplies of which four must work leave four when one side is lost.
"""

from __future__ import annotations

from bloomery.plan import Plan, make_plan
from bloomery.site import Site

UNITS = (1, 9, 17)
"""Lowest units of the three machines of a rack, which are 8 U."""

RACKS = ("r01", "r02")

SIDES = ("a", "b", "c")


def source(name: str, kind: str, capacity_kw: float, **more: object) -> dict[str, object]:
    return {"name": name, "kind": kind, "capacity_kw": capacity_kw, **more}


def document() -> dict[str, object]:
    """What its ``site.yaml`` and ``machines.csv`` would say."""
    return {
        "site": "powered",
        "country": "UA",
        "location": "UA-lviv",
        "release": "metal-2026.11",
        "networks": {
            "oob": {"cidr": "10.1.0.0/16", "controller": "10.1.0.1"},
            "provisioning": {"cidr": "10.2.0.0/16", "gateway": "10.2.0.1"},
        },
        "depot": {"url": "https://10.2.0.2"},
        "halls": [
            {"name": "h1", "air_kw": 100, "temperature_max_c": 27, "humidity_max_percent": 60}
        ],
        "racks": [
            {
                "name": "r01..r02",
                "units": 48,
                "power_kw": 45,
                "row": "a",
                "place": 1,
                "weight_limit_kg": 800,
                "feeds": [{"source": f"bus-{side}", "circuit": "c60"} for side in SIDES],
            }
        ],
        "power": {
            "power_factor": 0.95,
            "sources": [
                source("grid", "utility", 200),
                source("gen", "generator", 200),
                *(
                    source(
                        f"ups-{side}",
                        "ups",
                        60,
                        parent="grid",
                        standby="gen",
                        side=side.upper(),
                        loss=0.04,
                    )
                    for side in SIDES
                ),
                *(source(f"bus-{side}", "busway", 50, parent=f"ups-{side}") for side in SIDES),
            ],
            "circuits": [{"name": "c60", "pdu": "pdu-415v-60a"}],
        },
        "pools": [
            {"name": "h", "model": "dgx-h100", "purpose": "training", "weight_kg": 130.0},
        ],
        "machines": [_machine(rack, unit) for rack in RACKS for unit in UNITS],
    }


def _machine(rack: str, unit: int) -> dict[str, object]:
    number = int(rack[1:]) * 100 + unit
    return {
        "name": f"h-{number}",
        "pool": "h",
        "rack": rack,
        "unit": unit,
        "bmc_mac": f"02:00:00:00:{int(rack[1:]):02x}:{unit:02x}",
        "bmc_address": f"10.1.{int(rack[1:])}.{unit}",
        "bmc_cert_sha256": "",
        "chassis_serial": f"SN-{number}",
        "system_uuid": f"0b6f6f0e-2f5c-4c9e-8d55-5a3c6a1f{number:04}",
    }


def planned(**changes: object) -> Plan:
    """The plan of the site, with keys of ``site.yaml`` replaced."""
    return make_plan(Site.model_validate({**document(), **changes}))
