"""The files of a plan, each read by somebody else's eyes: no reader shares code with its writer."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bloomery.plan import Plan, make_plan
from bloomery.plan.model import MediumPlan
from bloomery.report.files import SUMS, files
from bloomery.report.files.bom import bom
from bloomery.report.files.infiniband import ibutils, topologies
from bloomery.report.files.netlist import netlists
from bloomery.site import load


@pytest.fixture(scope="module")
def made(one_su: Plan) -> Mapping[str, bytes]:
    return files(one_su)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_same_plan_same_bytes(one_su: Plan, made: Mapping[str, bytes]) -> None:
    assert files(Plan.from_json(one_su.to_json())) == made
    assert set(made) >= {
        "plan.json", "index.html", "cables.csv", "labels.csv", "bom.csv", "topology.dot",
        "inventory.yaml", "infiniband/compute.topo", "infiniband/compute.net",
        "infiniband/ibutils/compute.topo", "infiniband/ibutils/SWITCH-X.ibnl",
        "infiniband/ibutils/HCA_mlx5_8.ibnl", "netbox/site/09-cables.csv", SUMS,
    }  # fmt: skip


def test_sums_are_of_the_files(made: Mapping[str, bytes]) -> None:
    told = dict(line.split("  ")[::-1] for line in made[SUMS].decode().splitlines())
    assert told == {
        name: hashlib.sha256(data).hexdigest() for name, data in made.items() if name != SUMS
    }


def test_cables_are_the_plans(one_su: Plan, made: Mapping[str, bytes]) -> None:
    listed = rows(made["cables.csv"])
    assert len(listed) == 512
    for row, cable in zip(listed, one_su.fabric.cables, strict=True):
        assert (row["id"], row["a_port"], row["b_port"]) == (cable.id, cable.a_port, cable.b_port)
        assert float(row["length_m"]) == cable.length_m and row["dark"] == "no"
    spine = next(row for row in listed if row["layer"] == "leaf-spine")
    assert (spine["a_rack"], spine["a_unit"], spine["b_unit"]) == ("r0009", "1", "10")


def test_every_end_has_one_label_in_the_order_of_the_racks(
    one_su: Plan, made: Mapping[str, bytes]
) -> None:
    listed = rows(made["labels.csv"])
    ends = Counter((row["device"], row["port"]) for row in listed)
    assert set(ends.values()) == {1} and len(ends) == 2 * len(one_su.fabric.cables)
    walk = [(row["rack"], int(row["unit"])) for row in listed]
    assert walk == sorted(walk)
    cable = one_su.fabric.cables[0]
    mine = {row["end"]: row["text"] for row in listed if row["cable"] == cable.id}
    assert mine == {"a": cable.a_label, "b": cable.b_label}


def test_bill_counts_everything(one_su: Plan, made: Mapping[str, bytes]) -> None:
    counts = {(row["kind"], row["item"]): int(row["quantity"]) for row in rows(made["bom.csv"])}
    assert counts == {
        ("node", "node-x"): 32,
        ("rack", "rack-48u-70kw"): 9,
        ("ups", "ups-552kw"): 2,
        ("busway", "busway-2400kw"): 2,
        ("circuit", "circuit-3p-63a-415v"): 36,
        ("cdu", "cdu-x"): 3,
        ("fluid", "pg25"): 1500,
        ("switch", "switch-x"): 12,
        ("cable", "dac-3m"): 256,
        ("cable", "fibre-20m"): 256,
        ("block", "scratch"): 4,
    }


def fabric_bill(plan: Plan) -> dict[str, int]:
    return {row[2]: row[4] for row in bom(plan) if row[0] == "fabric" and row[1] != "switch"}


def test_one_piece_of_copper_carries_a_whole_cage(one_su: Plan) -> None:
    """256 links in twin-port cages: 128 split cables; between switches cage to cage."""
    medium = MediumPlan("dac", "Twin-port", (), (), (400.0,), 3.0, "a test", copper=True)
    fabric = replace(one_su.fabric, media=(medium,))
    assert fabric_bill(replace(one_su, fabric=fabric)) == {"dac-3m": 128, "fibre-20m": 256}
    twin = tuple(cable._replace(medium="dac") for cable in one_su.fabric.cables)
    plan = replace(one_su, fabric=replace(fabric, cables=twin))
    assert fabric_bill(plan) == {"dac-3m": 128, "dac-20m": 128}


def test_optics_are_transceivers_by_the_cage_and_fibres(one_su: Plan) -> None:
    """256 ports of machines, and cages of 2 ports: 128 to machines, 128 up and 128 on spines."""
    media = tuple(
        MediumPlan(key, "Optics", (), (), (400.0,), 50.0, "a test") for key in ("dac", "fibre")
    )
    switches = tuple(replace(it, per_cage=2) for it in one_su.fabric.switches)
    plan = replace(one_su, fabric=replace(one_su.fabric, media=media, switches=switches))
    expected = {
        "dac-fibre-3m": 256, "dac-machine-1p": 256, "dac-switch-2p": 128,
        "fibre-fibre-20m": 256, "fibre-switch-2p": 256,
    }  # fmt: skip
    assert fabric_bill(plan) == expected
    twins = replace(plan.fabric.networks[0], node_per_cage={plan.metal.nodes[0].pool: 2})
    plan = replace(plan, fabric=replace(plan.fabric, networks=(twins,)))
    bill = fabric_bill(plan)
    assert (bill["dac-machine-2p"], "dac-machine-1p" in bill) == (128, False)
    dark = tuple(it._replace(dark=it.layer == "node-leaf") for it in plan.fabric.cables)
    assert "dac-machine-2p" not in fabric_bill(
        replace(plan, fabric=replace(plan.fabric, cables=dark))
    )


def test_dot_declares_what_it_joins_and_loses_no_cable(many_su: Plan, one_su: Plan) -> None:
    for plan in (one_su, many_su):
        text = files(plan)["topology.dot"].decode()
        declared = set(re.findall(r'^    "([^"]+)" \[label', text, re.M))
        joined = re.findall(r'^    "([^"]+)" -- "([^"]+)" \[label="(\d+) x 400G"\]', text, re.M)
        assert {end for low, high, _ in joined for end in (low, high)} == declared
        assert sum(int(count) for *_, count in joined) == len(plan.fabric.cables)
        assert text.count("{") == text.count("}")
        assert len(joined) < 200


def topology(data: bytes) -> dict[str, dict[str, tuple[str, str, str, str]]]:
    """System -> port -> link, far type, far name, far port, by the rules of the manual page."""
    systems: dict[str, dict[str, tuple[str, str, str, str]]] = {}
    for section in data.decode().strip().split("\n\n"):
        head, *lines = section.splitlines()
        kind, name = head.split()
        ports = [line.split() for line in lines]
        assert all(len(words) == 5 for words in ports)
        assert all(line.startswith("   ") for line in lines)
        assert name not in systems and len({words[0] for words in ports}) == len(ports)
        systems[name] = {port: (link, far, peer, end) for port, link, far, peer, end in ports}
        assert kind == "SWITCH-X"
    return systems


def test_infiniband_topology_says_every_link_from_both_switches(one_su: Plan) -> None:
    systems = topology(topologies(one_su)["compute"])
    assert len(systems) == 12 and sum(map(len, systems.values())) == 256 + 2 * 256
    for name, ports in systems.items():
        for port, (link, far, peer, end) in ports.items():
            assert link == "-4x-100G->"
            if far == "SWITCH-X":
                assert systems[peer][end] == (link, "SWITCH-X", name, port)
            else:
                assert far == "HCA_mlx5_8" and re.fullmatch(r"mlx5_[0-7]/P1", end)
    assert systems["compute-leaf-s01-r3"]["P5"][2:] == ("s01-n05", "mlx5_2/P1")


def test_infiniband_planes_are_files_of_their_own_and_dark_cables_are_none(one_su: Plan) -> None:
    network = replace(one_su.fabric.networks[0], planes=2)
    switches = tuple(replace(s, plane=1 + s.index % 2) for s in one_su.fabric.switches)
    cables = (one_su.fabric.cables[0]._replace(dark=True), *one_su.fabric.cables[1:])
    fabric = replace(one_su.fabric, networks=(network,), switches=switches, cables=cables)
    plan = replace(one_su, fabric=fabric)
    found = topologies(plan)
    assert set(found) == set(netlists(plan)) == {"compute-plane1", "compute-plane2"}
    assert set(ibutils(plan)) >= {"compute-plane1.topo", "compute-plane2.topo"}
    first = topology(found["compute-plane1"])
    assert "P1" not in first["compute-leaf-s01-r1"] and "P2" in first["compute-leaf-s01-r1"]


def netlist(data: bytes) -> dict[str, dict[str, tuple[str, str]]]:
    """Node -> own port -> far node and port, by the rules of ibsim's examples."""
    nodes: dict[str, dict[str, tuple[str, str]]] = {}
    for section in data.decode().split("\n\n")[1:]:
        guid, head, *lines = section.strip().splitlines()
        _, ports, name = re.fullmatch(r'(Ca|Switch)\t(\d+) "([^"]+)"\t\t# "[^"]+"', head).groups()
        assert name not in nodes and int(guid.partition("=")[2], 16) == int(name[2:], 16)
        links = [re.match(r'\[(\d+)\]\t"([^"]+)"\[(\d+)\]\t\t# ', line).groups() for line in lines]
        nodes[name] = {own: (far, port) for own, far, port in links}
        assert len(nodes[name]) == len(links) and all(int(own) <= int(ports) for own, *_ in links)
    return nodes


def test_a_netlist_has_every_cable_from_both_ends(one_su: Plan) -> None:
    nodes = netlist(netlists(one_su)["compute"])
    assert len(nodes) == 256 + 12 and sum(map(len, nodes.values())) == 2 * 512
    for name, ports in nodes.items():
        for own, (far, port) in ports.items():
            assert nodes[far][port] == (name, own)


def test_a_manager_of_the_fabric_is_where_tools_are_attached(one_su: Plan) -> None:
    first, *others = one_su.fabric.cables
    manager = first._replace(a_device="compute-manager-1", a_port="p1", a_index=1)
    dark = others[0]._replace(dark=True)
    fabric = replace(one_su.fabric, cables=(*others[1:], dark, manager))
    text = netlists(replace(one_su, fabric=fabric))["compute"].decode()
    assert re.findall('# "(.*)"$', text, re.M)[0] == "compute-manager-1 mlx5_0"
    assert '"s01-n02 mlx5_0"' not in text and '"s01-n03 mlx5_0"' in text


def netbox(made: Mapping[str, bytes]) -> dict[str, list[dict[str, str]]]:
    """Kind of object -> its rows."""
    return {
        name.rpartition("/")[2][3:].removesuffix(".csv"): rows(data)
        for name, data in made.items()
        if name.startswith("netbox/")
    }


def test_netbox_files_import_in_their_order(made: Mapping[str, bytes]) -> None:
    """Every name a row refers to was imported by a file before it."""
    sheets = netbox(made)
    types = {(r["manufacturer"], r["model"]): float(r["u_height"]) for r in sheets["device-types"]}
    makers = {row["name"] for row in sheets["manufacturers"]}
    assert {maker for maker, _ in types} <= makers
    halls = {row["name"] for row in sheets["locations"]}
    racks = {row["name"]: row for row in sheets["racks"]}
    assert {row["location"] for row in racks.values()} <= halls
    taken: dict[str, set[int]] = defaultdict(set)
    for row in sheets["devices"]:
        height = types[row["manufacturer"], row["device_type"]]
        assert row["role"] in {role["name"] for role in sheets["device-roles"]}
        if row["rack"]:
            units = set(range(int(row["position"]), int(row["position"]) + int(height)))
            assert units <= set(range(1, int(racks[row["rack"]]["u_height"]) + 1))
            assert not units & taken[row["rack"]] and row["face"] == "front"
            taken[row["rack"]] |= units
    devices = {row["name"] for row in sheets["devices"]}
    ports = {(row["device"], row["name"]) for row in sheets["interfaces"]}
    assert len(ports) == len(sheets["interfaces"]) and {device for device, _ in ports} <= devices
    ends = [(r[f"side_{s}_device"], r[f"side_{s}_name"]) for r in sheets["cables"] for s in "ab"]
    assert set(ends) <= ports and len(set(ends)) == len(ends) == 2 * 512


def test_netbox_knows_what_a_cable_ends_at(one_su: Plan) -> None:
    """A fabric manager has no model in the plan, and is a device all the same."""
    cable = one_su.fabric.cables[0]._replace(id="x", a_device="manager-1", b_port="p99/1")
    fabric = replace(one_su.fabric, cables=(*one_su.fabric.cables, cable))
    listed = netbox(files(replace(one_su, fabric=fabric)))["devices"]
    manager = next(row for row in listed if row["name"] == "manager-1")
    assert (manager["role"], manager["manufacturer"], manager["device_type"], manager["rack"]) == (
        "endpoint", "Generic", "Unspecified", "",
    )  # fmt: skip


def test_one_piece_of_copper_is_one_cable_of_netbox(one_su: Plan) -> None:
    """A split cable has as many ends below as its cage has ports; the media are told apart."""
    title = "Passive copper, twin-port"
    medium = MediumPlan("dac", title, (), (), (400.0,), 3.0, "a test", copper=True)
    plan = replace(one_su, fabric=replace(one_su.fabric, media=(medium,)))
    sheets = netbox(files(plan))
    assert (len(sheets["cables"]), len(sheets["breakout-cables"])) == (256, 128)
    first = sheets["breakout-cables"][0]
    assert first["profile"] == "trunk-2c1p" and first["type"] == "dac-passive"
    assert [first[f"side_{side}"] for side in ("a_device", "a_name", "b_device", "b_name")] == [
        "s01-n01,s01-n02", "hca1,hca1", "compute-leaf-s01-r1", "p01/1,p01/2",
    ]  # fmt: skip


def test_inventory_is_what_ansible_reads(made: Mapping[str, bytes], tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_bytes(made["inventory.yaml"])
    tool = Path(sys.executable).with_name("ansible-inventory")
    done = subprocess.run(
        [tool, "-i", file, "--list"], capture_output=True, text=True, check=True, timeout=120
    )
    told = json.loads(done.stdout)
    assert len(told["training"]["hosts"]) == 32
    assert set(told["rack_r0001"]["hosts"]) == {"s01-n01", "s01-n02", "s01-n03", "s01-n04"}
    host = told["_meta"]["hostvars"]["s01-n01"]
    assert (host["rack"], host["unit"], host["ansible_user"]) == ("r0001", 1, "deploy")
    assert len(told["switches_compute"]["hosts"]) == 12
    assert "warn" not in done.stderr.lower()


def test_a_host_with_the_name_of_a_truth_value_stays_a_host(one_su: Plan) -> None:
    node = replace(one_su.metal.nodes[0], name="on")
    plan = replace(one_su, metal=replace(one_su.metal, nodes=(node,)))
    told = yaml.safe_load(files(plan)["inventory.yaml"])
    assert list(told["all"]["children"]["training"]["hosts"]) == ["on"]


@pytest.fixture(scope="module")
def scaled() -> Mapping[str, bytes]:
    """Files of a site with racks that have NVLink switch trays and power shelves."""
    return files(make_plan(load(Path(__file__).parents[3] / "inventories" / "example-whole")))


def test_parts_of_a_rack_are_in_every_file(scaled: Mapping[str, bytes]) -> None:
    bill = {row["item"]: row for row in rows(scaled["bom.csv"])}
    assert (bill["nvlink-5-tray"]["quantity"], bill["power-shelf"]["quantity"]) == ("72", "64")
    assert bill["power-shelf"]["description"].endswith("part of its rack: not ordered apart")
    cable = {row["a_device"]: row for row in rows(scaled["cables.csv"])}["r02-nvlink-3"]
    assert (cable["a_port"], cable["a_rack"], cable["a_unit"]) == ("bmc", "r02", "23")
    label = {row["device"]: row for row in rows(scaled["labels.csv"])}["r02-nvlink-3"]
    assert (label["rack"], label["unit"]) == ("r02", "23")
    hosts = yaml.safe_load(scaled["inventory.yaml"])["all"]["children"]["rack_parts"]["children"]
    assert {kind: len(group["hosts"]) for kind, group in hosts.items()} == {
        "parts_nvlink": 72,
        "parts_shelf": 64,
    }
    assert hosts["parts_shelf"]["hosts"]["r01-shelf-1"]["ansible_host"] == "10.20.1.135"


def test_netbox_has_parts_of_a_rack_by_who_makes_them(scaled: Mapping[str, bytes]) -> None:
    """Nobody is guessed: several make the power shelves, and the site does not say which."""
    types = {row["model"]: row for row in rows(scaled["netbox/all-sites/02-device-types.csv"])}
    assert types["NVLink 5 Switch"]["manufacturer"] == "Nvidia"
    assert types["Power shelf of a rack-scale rack"]["manufacturer"] == "Generic"
    assert types["NVLink 5 Switch"]["u_height"] == "1"
    device = {row["name"]: row for row in rows(scaled["netbox/site/07-devices.csv"])}["r01-shelf-1"]
    assert (device["role"], device["rack"], device["position"]) == ("shelf", "r01", "7")
    roles = {row["name"] for row in rows(scaled["netbox/all-sites/03-device-roles.csv"])}
    assert {"nvlink", "shelf"} <= roles
    ports = {row["device"]: row for row in rows(scaled["netbox/site/08-interfaces.csv"])}
    port = ports["r01-shelf-1"]
    assert (port["name"], port["mgmt_only"]) == ("mgmt", "true")
