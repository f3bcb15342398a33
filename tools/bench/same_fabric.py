"""One fabric of 32 leaves and 16 spines, written for us, for netlab and for pyavd."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import yaml

from bloomery.site.metal.delivery import HEADER

LEAVES, SPINES = 32, 16
LINKS = LEAVES * SPINES

FIRST_ASN = 4_200_000_000


def write_ours(folder: Path) -> Path:
    """A site of the two tiers and of one machine, the least a delivery list may have."""
    folder.mkdir()
    addresses = {"loopbacks": "10.96.0.0/24", "links": "10.100.0.0/20", "hosts": "10.104.0.0/20"}
    compute = {
        "kind": "ethernet",
        "switch": "generic-ethernet",
        "speed_gbps": 400,
        "pools": {"node": 1},
        "su": LEAVES,
        "nodes_per_su": 16,
        "leaves": {"racks": ["r01"], "per_rack": LEAVES, "unit": 11},
        "spines": {"racks": ["r02"], "per_rack": SPINES, "unit": 1},
        "addresses": {**addresses, "asn": FIRST_ASN},
    }
    figures = {"height_u": 1, "cages": 32, "per_cage": {400: 1}, "power_kw": 1}
    sheet = {
        "site": folder.name,
        "country": "UA",
        "location": "UA-bench",
        "release": "metal-2026.11",
        "networks": {
            "oob": {"cidr": "10.20.0.0/16", "controller": "10.20.0.1"},
            "provisioning": {"cidr": "10.40.0.0/16", "gateway": "10.40.0.1"},
        },
        "depot": {"url": "https://10.40.0.2:8480"},
        "racks": [{"name": "r01..r02", "units": 48, "power_kw": 100}],
        "pools": [{"name": "node", "model": "dgx-b200", "purpose": "training"}],
        "fabric": {"compute": compute, "switches": {"generic-ethernet": figures}},
        "policy": {"allowed_locations": ["UA-bench"]},
    }
    machine = "node-001,node,r01,1,02:be:00:00:00:01,10.20.1.1,,BENCH-1"
    row = f"{machine},b178bc8f-3b6d-4aca-8e15-eb0c6cf16ec0"
    (folder / "site.yaml").write_text(yaml.safe_dump(sheet, sort_keys=False), encoding="utf-8")
    (folder / "machines.csv").write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    return folder


def leaves() -> list[str]:
    """Names of the leaves on the rivals' side."""
    return [f"leaf{number:02}" for number in range(1, LEAVES + 1)]


def spines() -> list[str]:
    """Names of the spines on the rivals' side."""
    return [f"spine{number:02}" for number in range(1, SPINES + 1)]


def write_netlab(file: Path) -> None:
    """A topology with eBGP, every link listed.

    Each spine has a system of its own: in one, netlab would join them by iBGP on top.
    """
    nodes = {name: {"bgp": {"as": 65001 + at}} for at, name in enumerate(spines())}
    nodes |= {name: {"bgp": {"as": 65101 + at}} for at, name in enumerate(leaves())}
    topology = {
        "provider": "external",
        "defaults": {"device": "eos"},
        "module": ["bgp"],
        "nodes": nodes,
        "links": [f"{leaf}-{spine}" for leaf in leaves() for spine in spines()],
    }
    file.write_text(yaml.safe_dump(topology, sort_keys=False), encoding="utf-8")


def write_avd(file: Path) -> None:
    """Inputs of every device: an underlay of eBGP and no overlay, as in the other two."""
    ports = [f"Ethernet{number}" for number in range(1, SPINES + 1)]
    groups = [_group(at, name) for at, name in enumerate(leaves())]
    fabric: Mapping[str, object] = {
        "fabric_name": "BENCH",
        "underlay_routing_protocol": "ebgp",
        "overlay_routing_protocol": "none",
        "spine": {
            "defaults": {"loopback_ipv4_pool": "10.96.0.0/24", "bgp_as": "65000"},
            "nodes": [{"name": name, "id": at + 1} for at, name in enumerate(spines())],
        },
        "l3leaf": {
            "defaults": {
                "loopback_ipv4_pool": "10.96.1.0/24",
                "vtep": False,
                "uplink_switches": spines(),
                "uplink_interfaces": ports,
                "uplink_ipv4_pool": "10.100.0.0/20",
            },
            "node_groups": groups,
        },
    }
    inputs = {name: {**fabric, "type": "spine"} for name in spines()}
    inputs |= {name: {**fabric, "type": "l3leaf"} for name in leaves()}
    file.write_text(json.dumps(inputs), encoding="utf-8")


def _group(at: int, name: str) -> dict[str, object]:
    """One leaf with a system of its own; its number is the port it takes on each spine."""
    node = {"name": name, "id": at + 1, "uplink_switch_interfaces": [f"Ethernet{at + 1}"] * SPINES}
    return {"group": name, "bgp_as": str(65101 + at), "nodes": [node]}
