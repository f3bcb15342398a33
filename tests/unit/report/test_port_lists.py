"""Names of ports in the files of a plan and on its page."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bloomery.plan import Plan, make_plan
from bloomery.plan.model import HostPortsPlan
from bloomery.report.files import files
from bloomery.report.files.ports import PortRow, ports_csv
from bloomery.report.files.subnets import subnets
from bloomery.report.netbox.devices import interface_names
from bloomery.report.sketch.page import page
from bloomery.report.sketch.ports import port_lines
from bloomery.site import load

REPO = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def named() -> Plan:
    return make_plan(load(REPO / "tests" / "golden" / "ports"))


@pytest.fixture(scope="module")
def made(named: Plan) -> Mapping[str, bytes]:
    return files(named)


def test_a_machine_with_a_domain_keeps_the_names_of_its_adapters(tmp_path: Path) -> None:
    """InfiniBand files have the short name; what the plan knows of its ports is by the full one."""
    for file in (REPO / "tests" / "golden" / "ports").glob("*.*"):
        text = file.read_text().replace("hopper-01,", "hopper-01.hall1.example.gov.ua,")
        (tmp_path / file.name).write_text(text)
    found = subnets(make_plan(load(tmp_path)))["compute"]
    assert found.adapter("hopper-01", 2) == "mlx5_3"
    ends = {it.a_device for it in found.cables}
    assert "hopper-01" in ends and not any("." in it for it in ends)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_every_end_of_every_cable_is_a_row(one_su: Plan, named: Plan) -> None:
    for plan in (one_su, named):
        listed = rows(ports_csv(plan))
        assert set(listed[0]) == set(PortRow._fields)
        ends = {(row["device"], row["port"], row["cable"]) for row in listed}
        cables = plan.fabric.cables
        assert len(ends) == len(listed) == 2 * len(cables)
        assert ends == {(c.a_device, c.a_port, c.id) for c in cables} | {
            (c.b_device, c.b_port, c.id) for c in cables
        }
    assert not any(row["name"] or row["hca"] or row["os"] for row in rows(ports_csv(one_su)))


def test_no_two_ports_of_a_device_have_one_name(named: Plan) -> None:
    listed = [row for row in rows(ports_csv(named)) if row["name"]]
    names = [(row["device"], row["name"]) for row in listed]
    assert len(set(names)) == len(names) > 60


def test_ansible_reads_the_names_of_a_pool(made: Mapping[str, bytes], tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_bytes(made["inventory.yaml"])
    tool = Path(sys.executable).with_name("ansible-inventory")
    command = [tool, "-i", file, "--list"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    hosts = json.loads(done.stdout)["_meta"]["hostvars"]
    assert hosts["hopper-01"]["hca_mapping"]["compute"][1] == "mlx5_3"
    assert hosts["hopper-01"]["port_names"]["compute"][1] == "ibp64s0"
    assert hosts["other-01"]["hca_mapping"]["storage"] == ["0000:29:00.0", "0000:aa:00.0"]
    assert hosts["other-01"]["port_names"] == {"storage": ["ens1f0np0", "ens2f0np0"]}
    assert hosts["storage-leaf-s01-r1-2"]["os"] == "sonic"
    assert "warn" not in done.stderr.lower()


def test_netbox_has_the_interfaces_of_the_operating_system(made: Mapping[str, bytes]) -> None:
    ports = rows(made["netbox/site/08-interfaces.csv"])
    mine = [row["name"] for row in ports if row["device"] == "hopper-01"]
    assert mine[:2] == ["ibp24s0", "ibp64s0"] and "hca1" not in mine and "bmc" in mine
    cables = rows(made["netbox/site/09-cables.csv"]) + rows(
        made["netbox/site/10-breakout-cables.csv"]
    )
    known = {(row["device"], row["name"]) for row in ports}
    for row in cables:
        for side in "ab":
            owners = row[f"side_{side}_device"].split(",")
            names = row[f"side_{side}_name"].split(",")
            owners = owners * len(names) if len(owners) == 1 else owners
            assert set(zip(owners, names, strict=True)) <= known


def test_cages_of_a_switch_out_of_band_have_netbox_names(one_su: Plan) -> None:
    """Switches that gather uplinks have no twisted pair; those below have both."""
    leaf = one_su.fabric.switches[0]
    upper = replace(leaf, model="sn4600c", network="oob", tier="spine", ports=64, per_cage=1)
    lower = replace(leaf, name="oob-1", model="sn2201", tier="oob", ports=52, per_cage=1, down=48)
    plan = replace(one_su, fabric=replace(one_su.fabric, switches=(upper, lower)))
    names = interface_names(plan)
    assert (names[upper.name]["p03"], names[upper.name]["mgmt"]) == ("swp3", "eth0")
    assert (names["oob-1"]["p03"], names["oob-1"]["p49"]) == ("swp3", "swp49")


def shared(plan: Plan, hcas: tuple[str, ...], interfaces: tuple[str, ...]) -> Plan:
    known = HostPortsPlan("train", "compute", hcas, (), interfaces, "a test")
    return replace(plan, fabric=replace(plan.fabric, host_ports=(known,)))


def test_ports_that_share_an_interface_keep_the_plans_names(one_su: Plan) -> None:
    """A cable of NetBox ends at an interface of its own."""
    plan = shared(one_su, (), ("ens1", "ens1", *(f"ens{number}" for number in range(2, 8))))
    ports = rows(files(plan)["netbox/site/08-interfaces.csv"])
    mine = [row["name"] for row in ports if row["device"] == "s01-n01"]
    assert sorted(mine) == [*(f"ens{number}" for number in range(2, 8)), "hca1", "hca2"]


def test_adapters_are_counted_where_one_of_them_has_no_name(one_su: Plan) -> None:
    """A counted name could be that of another port."""
    gap = shared(one_su, ("mlx5_0", "", *(f"mlx5_{number}" for number in range(3, 9))), ())
    (subnet,) = subnets(gap).values()
    assert subnet.adapters["s01-n01"] == tuple(f"mlx5_{number}" for number in range(8))
    short = shared(one_su, ("mlx5_0", "mlx5_3"), ())
    (subnet,) = subnets(short).values()
    assert subnet.adapter("s01-n01", 3) == "mlx5_2"
    assert set(subnet.types.values()) == {"HCA_mlx5_8"}


def test_the_page_lists_the_ports_of_a_pool(one_su: Plan, named: Plan) -> None:
    lines = port_lines(named)
    assert [(it.pool, it.network, it.port) for it in lines[:2]] == [
        ("hopper", "compute", "hca1"),
        ("hopper", "compute", "hca2"),
    ]
    assert len(lines) == 20 and port_lines(one_su) == ()
    text = page(named)
    assert "20 ports of machines in a table" in text and "0000:40:00.0" in text
    assert "ports of machines" not in page(one_su)
