"""One plug a cage: the medium follows from every cable that meets in it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import fabrics
import pytest

from bloomery.check import review
from bloomery.plan import Plan, make_plan
from bloomery.plan.fabric import plan_fabric
from bloomery.plan.model import Cable, FabricPlan
from bloomery.report.files.bom import bom
from bloomery.site import load

SITE = Path(__file__).parents[4] / "inventories" / "example-su1"


@pytest.fixture(scope="module")
def three_a_rack(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The example with three machines a rack: neighbours in a cage stand in different racks."""
    folder = tmp_path_factory.mktemp("three")
    text = (SITE / "site.yaml").read_text()
    for old, new in (("r01..r08", "r01..r11"), ("r09..r10", "r12..r13")):
        text = text.replace(old, new)
    text = text.replace("[r09]", "[r12]").replace("[r10]", "[r13]")
    (folder / "site.yaml").write_text(text)
    head, *rows = (SITE / "machines.csv").read_text().splitlines()
    moved = [_moved(at, row.split(",")) for at, row in enumerate(rows)]
    (folder / "machines.csv").write_text("\n".join([head, *moved]) + "\n")
    return make_plan(load(folder))


def _moved(at: int, row: list[str]) -> str:
    rack, place = divmod(at, 3)
    row[2], row[3] = f"r{rack + 1:02}", str(1 + 10 * place)
    row[5] = f"10.20.{rack + 1}.{row[3]}"
    return ",".join(row)


def in_cages(plan: FabricPlan) -> dict[tuple[str, str], list[Cable]]:
    """Cables of every cage of a switch."""
    found: dict[tuple[str, str], list[Cable]] = defaultdict(list)
    for cable in plan.cables:
        for device, port in ((cable.a_device, cable.a_port), (cable.b_device, cable.b_port)):
            if port.startswith("p"):
                found[device, port.partition("/")[0]].append(cable)
    return found


def media(plan: FabricPlan, device: str, cage: str) -> list[tuple[str, float]]:
    return [(it.medium, it.length_m) for it in in_cages(plan)[device, cage]]


def test_neighbours_in_different_racks_share_a_plug(three_a_rack: Plan) -> None:
    """Machines 9 and 10 share cage 5, and only one of them is within reach of copper."""
    plan = three_a_rack.fabric
    kinds = {it.key: it.copper for it in plan.media}
    for cables in in_cages(plan).values():
        plugs = {(it.medium, it.length_m if kinds[it.medium] else 0) for it in cables}
        assert len(plugs) == 1
    assert {medium for medium, _ in media(plan, "compute-leaf-s01-r1", "p08")} == {"osfp-sr-400"}
    mixed = media(plan, "storage-leaf-s01-r1", "p05")
    assert mixed == [("osfp-sr-400", 6.0), ("osfp-sr-400", 5.0)]
    assert [note for note in review(three_a_rack) if note.id == "F1"] == []


def test_twin_cages_of_a_machine_take_no_split_copper() -> None:
    """Two ports of a DGX B200 are in one cage, and go to two leaves."""
    sheet = fabrics.fabric(compute=fabrics.network(1), storage=fabrics.network(1, rails=1))
    plan = plan_fabric(fabrics.site(sheet, [fabrics.machine(1), fabrics.machine(2)]))
    assert media(plan, "compute-leaf-s01-r1", "p01") == [("osfp-sr-400", 5.0)] * 2
    assert media(plan, "storage-leaf-s01-r1", "p01") == [("osfp-acc-split-400", 5.0)] * 2
    assert [it.node_per_cage for it in plan.networks] == [{"train": 2}, {}]


def test_ports_split_over_planes_take_no_split_copper() -> None:
    """One cage of the machine goes to two leaves."""
    sheet = fabrics.fabric(storage=fabrics.network(1, rails=1, planes=2))
    plan = plan_fabric(fabrics.site(sheet, [fabrics.machine(1), fabrics.machine(2)]))
    assert {medium for medium, _ in media(plan, "storage-leaf-s01-r1-p1", "p01")} == {"osfp-sr-400"}


def test_cages_of_single_ports_take_no_twin_copper() -> None:
    sheet = fabrics.fabric(storage=fabrics.network(1, rails=1))
    sheet["switches"] = {**fabrics.FIGURES, "qm9700": {"cages": 64, "per_cage": {400: 1}}}
    plan = plan_fabric(fabrics.site(sheet, [fabrics.machine(1)]))
    assert {it.medium for it in plan.cables} == {"osfp-sr-400"}


@pytest.mark.parametrize(("target", "medium"), [(8, "osfp-sr-400"), (4, "osfp-dac-400")])
def test_copper_between_switches_needs_both_ports_of_a_cage(target: int, medium: str) -> None:
    """For eight units a leaf has one cable to a spine: a cage then goes to two spines."""
    stand = {
        "leaves": {"racks": ["r801"], "per_rack": 8, "unit": 1},
        "spines": {"racks": ["r801"], "per_rack": 32, "unit": 10},
    }
    sheet = fabrics.fabric(compute=fabrics.network(1, su_max=target, **stand))
    plan = plan_fabric(fabrics.site(sheet, [fabrics.machine(1)]))
    assert media(plan, "compute-leaf-s01-r1", "p17")[0][0] == medium


def test_the_bill_counts_cages(three_a_rack: Plan) -> None:
    """Of 256 + 128 + 64 + 2 x 2 ports. A machine has four twin cages for eight rails."""
    bill = {row[2]: row[4] for row in bom(three_a_rack) if row[1] in ("transceiver", "cable")}
    assert bill["osfp-sr-400-machine-2p"] == 32 * 4
    optical = [it for it in three_a_rack.fabric.cables if it.medium == "osfp-sr-400"]
    storage = [it for it in optical if it.network == "storage" and it.layer == "node-leaf"]
    assert bill["osfp-sr-400-machine-1p"] == len(storage) == 48
    cages = {key for key, cables in in_cages(three_a_rack.fabric).items() if cables[0] in optical}
    assert bill["osfp-sr-400-switch-2p"] == len(cages)
    fibres = [row[4] for row in bom(three_a_rack) if row[1] == "fibre"]
    assert sum(fibres) == len(optical)
    copper = [it for it in three_a_rack.fabric.cables if "osfp-dac" in it.medium]
    assert bill["osfp-dac-400-1.5m"] + bill["osfp-dac-400-2m"] == len(copper) / 2
