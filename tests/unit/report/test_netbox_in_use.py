"""A NetBox that is in use takes the files: of a plan again, of a second site, beside the library.

The NetBox of these tests is a model (``netbox_model.py``), not NetBox.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from netbox_model import RECORDED, NetBoxModel, Refused

from bloomery.errors import FaultsError
from bloomery.plan import Plan, make_plan
from bloomery.report.files import files
from bloomery.report.files.netbox import tables
from bloomery.report.netbox.compare import missing
from bloomery.report.netbox.read import read_existing
from bloomery.site import load

REPO = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def su1() -> Plan:
    return make_plan(load(REPO / "inventories" / "example-su1"))


def qm9700() -> tuple[str, ...]:
    """Interfaces of the library's QM9700: 62 of the 64 a switch has."""
    names = (f"P{cage}.{sub}" for cage in range(32) for sub in (0, 1))
    return tuple(name for name in names if name not in ("P22.1", "P23.0"))


@pytest.fixture
def used() -> NetBoxModel:
    """A NetBox into which types of the public library were imported."""
    box = NetBoxModel()
    box.add_type("Nvidia", "QM9700", "nvidia-qm9700", 1, *qm9700())
    swp = [f"swp{port}" for port in range(1, 53)]
    box.add_type("Nvidia", "SN2201", "nvidia-sn2201", 1, "eth0", *swp)
    box.add_type("Nvidia", "SN5600", "nvidia-sn5600", 2, "eth0", *(f"swp{n}" for n in range(1, 65)))
    return box


def still(plan: Plan, box: NetBoxModel, folder: Path) -> Mapping[str, bytes]:
    """Files of what the NetBox lacks."""
    made = files(plan, left=missing(tables(plan), read_existing(box.export(folder))))
    return {name: data for name, data in made.items() if name.startswith("netbox/")}


def second(plan: Plan) -> Plan:
    return replace(plan, site=replace(plan.site, name="example-su2"))


def counts(box: NetBoxModel) -> dict[str, int]:
    return {kind: len(objects) for kind, objects in box.objects.items()}


def test_an_empty_netbox_takes_all_files_once(su1: Plan, tmp_path: Path) -> None:
    box = NetBoxModel()
    box.import_files(files(su1))
    told = counts(box)
    assert (told["devices"], told["interfaces"], told["cables"]) == (63, 1526, 560)
    for name, data in files(su1).items():
        if name.startswith("netbox/"):
            with pytest.raises(Refused):
                box.import_files({name: data})
    assert counts(box) == told
    assert still(su1, box, tmp_path / "export") == {}


def test_a_second_site_and_the_library(su1: Plan, used: NetBoxModel, tmp_path: Path) -> None:
    first = still(su1, used, tmp_path / "a")
    types = first["netbox/all-sites/02-device-types.csv"].decode().splitlines()
    assert [line.split(",")[1] for line in types[1:]] == ["DGX B200"]
    assert "netbox/all-sites/01-manufacturers.csv" not in first
    used.import_files(first)
    assert still(su1, used, tmp_path / "b") == {}
    told = counts(used)
    other = second(su1)
    devices = still(other, used, tmp_path / "c")
    assert not any("interfaces" in name or "cables" in name for name in devices)
    assert not any(name.startswith("netbox/all-sites/") for name in devices)
    used.import_files(devices)
    rest = still(other, used, tmp_path / "d")
    assert rest["netbox/site/08-interfaces.csv"].startswith(b"device.id,name,")
    assert rest["netbox/site/09-cables.csv"].startswith(b"side_a_site,side_b_site,")
    used.import_files(rest)
    assert still(other, used, tmp_path / "e") == still(su1, used, tmp_path / "f") == {}
    shared = {"manufacturers", "device-types", "device-roles"}
    twice = {kind: count if kind in shared else 2 * count for kind, count in told.items()}
    assert counts(used) == twice


def test_labels_of_tables_are_told_from_names(tmp_path: Path) -> None:
    """Devices have asset tags and racks facility ids: lists of other objects show both."""
    hall = make_plan(load(REPO / "tests/golden/hall"))
    box = NetBoxModel()
    box.import_files(files(hall))
    for it in box.objects["racks"].values():
        it["facility_id"] = f"F-{it['name']}"
    export = box.export(tmp_path / "a")
    assert "gpu-a01.hall1.example.gov.ua (T-0471)" in (export / "netbox_cables.csv").read_text()
    assert ",A01 (F-A01)," in (export / "netbox_devices.csv").read_text()
    assert still(hall, box, tmp_path / "b") == {}
    (tagged,) = [it for it in hall.fabric.cables if it.id.startswith("oob:gpu-a01.")]
    others = [it for it in hall.fabric.cables if it != tagged]
    moved = tagged._replace(a_device="gpu-004")
    cables = [it for it in others if not it.id.startswith("oob:gpu-004")]
    plan = replace(hall, fabric=replace(hall.fabric, cables=(*cables, moved)))
    with pytest.raises(
        FaultsError, match=r"is on cable .* to gpu-a01\.hall1\.example\.gov\.ua bmc"
    ):
        still(plan, box, tmp_path / "c")


def test_devices_of_one_name_are_ambiguous_without_an_export(su1: Plan) -> None:
    """Why ``--netbox-existing`` is needed for a second site."""
    box = NetBoxModel()
    box.import_files(files(su1))
    made = files(second(su1))
    for kind in ("04-sites", "05-locations", "06-racks", "07-devices"):
        box.import_files({f"netbox/site/{kind}.csv": made[f"netbox/site/{kind}.csv"]})
    with pytest.raises(Refused, match="2 found"):
        box.import_files({"netbox/08-interfaces.csv": made["netbox/site/08-interfaces.csv"]})


def test_ports_have_the_names_of_the_library(su1: Plan, used: NetBoxModel, tmp_path: Path) -> None:
    """Only what the library's types lack is added to devices of them."""
    used.import_files(still(su1, used, tmp_path / "a"))
    types = {it["name"]: it["device_type"] for it in used.objects["devices"].values()}
    owner = {key: it["name"] for key, it in used.objects["devices"].items()}
    quantum = {
        it["name"]
        for it in used.objects["interfaces"].values()
        if types[owner[it["device"]]] == "QM9700"
    }
    assert quantum == {f"P{cage}.{sub}" for cage in range(32) for sub in (0, 1)} | {"mgmt"}


def test_what_differs_is_changed_by_its_id(su1: Plan, tmp_path: Path) -> None:
    box = NetBoxModel()
    box.import_files(files(su1))
    node, *nodes = su1.metal.nodes
    moved = replace(node, unit=35, identity=replace(node.identity, chassis_serial="NEW"))
    cable, *cables = su1.fabric.cables
    plan = replace(
        su1,
        metal=replace(su1.metal, nodes=(moved, *nodes)),
        fabric=replace(su1.fabric, cables=(cable._replace(length_m=11.0), *cables)),
    )
    made = still(plan, box, tmp_path / "a")
    assert set(made) == {
        "netbox/site/07-devices-update.csv",
        "netbox/site/09-cables-update.csv",
    }
    head, row = made["netbox/site/07-devices-update.csv"].decode().splitlines()
    assert "status" not in head.split(",")
    key, name, *_ = row.split(",")
    assert box.objects["devices"][key]["name"] == name == "b200-01" and ",NEW," in row
    box.import_files(made)
    assert still(plan, box, tmp_path / "b") == {}


def test_shared_objects_that_clash_are_told_at_once(
    su1: Plan, used: NetBoxModel, tmp_path: Path
) -> None:
    used.import_files(still(su1, used, tmp_path / "a"))
    kind = next(iter(used.objects["device-types"].values()))
    kind["u_height"] = "3"
    site = next(iter(used.objects["sites"].values()))
    site["name"] = "renamed"
    with pytest.raises(FaultsError) as told:
        still(su1, used, tmp_path / "b")
    text = str(told.value)
    assert "device-types QM9700: is 3 U there, 1 U in the plan; correct" in text
    assert "sites example-su1: slug 'example-su1' belongs to 'renamed'" in text


def test_taken_units_and_ports_are_told(su1: Plan, tmp_path: Path) -> None:
    box = NetBoxModel()
    box.import_files(files(su1))
    devices, cables = box.objects["devices"], box.objects["cables"]
    first = next(iter(devices.values()))
    box.objects["devices"]["9001"] = {**first, "name": "guest", "position": "2", "serial": ""}
    mine, other = list(cables.values())[:2]
    mine["b"], other["b"] = other["b"], mine["b"]
    with pytest.raises(FaultsError) as told:
        still(su1, box, tmp_path / "a")
    text = str(told.value)
    assert "devices b200-01: rack r01 unit 1: 'guest' stands there; move one of the two" in text
    assert "cables compute:b200-01:hca1~compute-leaf-s01-r1:p01/1: " in text
    assert len(told.value.faults) == 2 + 4


def test_an_export_of_netbox_is_read() -> None:
    """Recorded from NetBox 4.7.3, three rows of each table; the split cable was given other ends
    when the plan chose other copper."""
    has = read_existing(RECORDED)
    assert has.objects["racks"][0]["u_height"] == "48U"
    assert has.ports["Nvidia", "Q3400-RA"] >= {"eth0", "sw1p1", "sw72p2"}
    low, high = has.cables[1].sides
    assert low == {("example-su1", "b200-13", "sto1"), ("example-su1", "b200-14", "sto1")}
    assert high == {
        ("example-su1", "storage-leaf-s01-r1", "swp7s0"),
        ("example-su1", "storage-leaf-s01-r1", "swp7s1"),
    }


def test_answers_of_the_api_are_read(tmp_path: Path) -> None:
    device = {"id": 7, "name": "a", "site": {"id": 1, "name": "s"}, "role": {"name": "node"},
              "device_type": {"model": "M", "manufacturer": {"name": "Nvidia"}}, "rack": None,
              "position": 4.0}  # fmt: skip
    end = {"object": {"device": {"id": 7, "name": "a"}, "name": "p1"}}
    kind = {"id": 3, "model": "M", "slug": "m", "manufacturer": {"name": "Nvidia"}, "u_height": 1}
    told = {
        "/api/dcim/manufacturers/": [{"id": 1, "name": "Nvidia", "slug": "nvidia"}],
        "dcim/device-types": [{"count": 1, "next": None, "results": [kind]}],
        "interface-templates": [{"id": 4, "device_type": {"id": 3}, "name": "p1"}],
        "device-roles": [], "sites": {"count": 0, "results": []}, "locations": [], "racks": [],
        "devices": [device],
        "interfaces": [{"id": 9, "device": {"id": 7, "name": "a"}, "name": "p1"}],
        "cables": [{"id": 5, "a_terminations": [end], "b_terminations": []}],
    }  # fmt: skip
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(told))
    has = read_existing(file)
    assert has.objects["devices"][0]["site"] == "s" and has.objects["devices"][0]["rack"] == ""
    assert has.objects["interfaces"][0]["site"] == "s"
    assert has.ports == {("Nvidia", "M"): frozenset({"p1"})}
    assert has.cables[0].sides == (frozenset({("s", "a", "p1")}), frozenset())


def test_every_fault_of_an_export_at_once(tmp_path: Path) -> None:
    (tmp_path / "netbox_sites.csv").write_text("Nom,Slug\nx,x\n")
    (tmp_path / "netbox_device types.csv").write_text("Device Type\n")
    (tmp_path / "racks.json").write_text('{"count": 2, "results": [{}]}')
    (tmp_path / "roles.json").write_text("{")
    with pytest.raises(FaultsError) as told:
        read_existing(tmp_path)
    lines = str(told.value).replace(str(tmp_path), "X").splitlines()
    assert any("X/netbox_sites.csv:1 sites: has no column 'Name'" in line for line in lines)
    assert any("a table does not tell the interfaces of a type" in line for line in lines)
    assert any("racks: holds 1 of 2 objects" in line for line in lines)
    assert any("roles.json:0 (file): is not JSON" in line for line in lines)
    assert any("X:0 cables: not in the export" in line for line in lines)
    with pytest.raises(FaultsError, match="does not exist"):
        read_existing(tmp_path / "none")
