"""The tables NVIDIA prints for its SuperPODs, row by row, and what is wrong in them.

Source: docs.nvidia.com/dgx-superpod, network fabrics of the reference architectures of
DGX H100, B200, B300 with Quantum-X800 and B300 with Spectrum-4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import fabrics
import pytest

from bloomery.plan.fabric import plan_fabric
from bloomery.plan.model import FabricPlan, NetworkPlan


@dataclass(frozen=True)
class Row:
    """One row as printed; 0 where the table says nothing."""

    su: int
    nodes: int
    gpus: int
    leaves: int
    spines: int
    cores: int
    node_cables: int
    spine_cables: int
    core_cables: int


H100 = [
    Row(1, 31, 248, 8, 4, 0, 252, 256, 0),
    Row(2, 63, 504, 16, 8, 0, 508, 512, 0),
    Row(3, 95, 760, 24, 16, 0, 764, 768, 0),
    Row(4, 127, 1016, 32, 16, 0, 1020, 1024, 0),
]
B200 = [
    Row(2, 64, 512, 16, 8, 0, 512, 512, 0),
    Row(4, 128, 1024, 32, 16, 0, 1024, 1024, 0),
    Row(8, 256, 2048, 64, 32, 0, 2048, 2048, 0),
    Row(16, 512, 4096, 128, 128, 64, 4096, 4096, 4096),
    Row(32, 1024, 8192, 256, 256, 128, 8192, 8192, 8192),
    Row(64, 2048, 16384, 512, 512, 256, 16384, 16384, 16384),
]
B300_XDR = [
    Row(1, 72, 576, 8, 4, 0, 576, 576, 0),
    Row(2, 144, 1152, 16, 8, 0, 1152, 1152, 0),
    Row(4, 288, 2304, 32, 18, 0, 2304, 2304, 0),
    Row(8, 576, 4608, 64, 36, 0, 4608, 4608, 0),
    Row(18, 1296, 9216, 144, 72, 0, 10368, 10368, 0),
]
B300_ETHERNET = [
    Row(1, 64, 512, 16, 8, 0, 512, 0, 0),
    Row(2, 128, 1024, 32, 16, 0, 1024, 0, 0),
    Row(4, 256, 2048, 64, 32, 0, 2048, 0, 0),
    Row(8, 512, 4096, 128, 64, 0, 4096, 0, 0),
    Row(16, 1024, 8192, 256, 128, 0, 8192, 0, 0),
]


def test_there_are_twenty_rows() -> None:
    assert sum(map(len, (H100, B200, B300_XDR, B300_ETHERNET))) == 20


def planned(network: fabrics.Part, numbers: Iterable[int]) -> FabricPlan:
    """The compute network with machines ``numbers``, and no lengths: the tables have none."""
    sheet = {"switches": fabrics.FIGURES, "compute": network}
    return plan_fabric(fabrics.site(sheet, (fabrics.machine(it) for it in numbers)))


def sums(network: NetworkPlan) -> tuple[int, ...]:
    return (
        network.leaves,
        network.spines,
        network.cores,
        network.node_cables,
        network.spine_cables,
        network.core_cables,
    )


def printed(row: Row) -> tuple[int, ...]:
    return (
        row.leaves,
        row.spines,
        row.cores,
        row.node_cables,
        row.spine_cables,
        row.core_cables,
    )


def check_rows(plan: FabricPlan) -> None:
    """Sums are those of the rows themselves, not only of the formula."""
    network = plan.networks[0]
    tiers = [switch.tier for switch in plan.switches]
    layers = [cable.layer for cable in plan.cables]
    assert (tiers.count("leaf"), tiers.count("spine"), tiers.count("core")) == sums(network)[:3]
    found = tuple(layers.count(it) for it in ("node-leaf", "leaf-spine", "spine-core"))
    assert found == sums(network)[3:]
    ends = [(it.a_device, it.a_port) for it in plan.cables]
    ends += [(it.b_device, it.b_port) for it in plan.cables]
    assert len(set(ends)) == len(ends)


@pytest.mark.parametrize("row", H100, ids=lambda row: f"{row.su}-su")
def test_h100(row: Row) -> None:
    """Four ports of unit 1 go to the fabric managers, and cost it one machine of 32."""
    numbers = (number for number in range(1, row.nodes + 2) if number != 32)
    plan = planned(fabrics.network(row.su, reserved_ports=4), numbers)
    machines = {it.a_device for it in plan.cables if it.a_device.startswith("train")}
    assert len(machines) == row.nodes
    assert row.gpus == row.nodes * 8
    assert sums(plan.networks[0]) == printed(row)
    check_rows(plan)
    managers = [it for it in plan.cables if it.a_device.startswith("compute-manager")]
    # 252 = 31 x 8 + 4, 1020 = 127 x 8 + 4.
    assert len(managers) == 4
    assert row.node_cables == row.nodes * 8 + 4


@pytest.mark.parametrize("row", B200, ids=lambda row: f"{row.su}-su")
def test_b200(row: Row) -> None:
    plan = planned(fabrics.network(row.su), range(1, row.nodes + 1))
    assert sums(plan.networks[0]) == printed(row)
    assert row.gpus == row.nodes * 8
    assert plan.networks[0].tiers == (3 if row.su > 8 else 2)
    check_rows(plan)


@pytest.mark.parametrize("row", B300_XDR, ids=lambda row: f"{row.su}-su")
def test_b300_xdr(row: Row) -> None:
    network = fabrics.network(row.su, switch="q3400", speed_gbps=800, nodes_per_su=72)
    plan = planned(network, range(1, row.nodes + 1))
    assert sums(plan.networks[0]) == printed(row)
    check_rows(plan)


def test_erratum_of_the_xdr_table() -> None:
    """18 units are printed as 1296 machines with 9216 GPUs; eight a machine make 10368."""
    row = B300_XDR[-1]
    assert row.nodes * 8 == 10368
    assert row.gpus == 9216 != row.nodes * 8
    assert row.node_cables == row.nodes * 8
    assert all(other.gpus == other.nodes * 8 for other in B300_XDR[:-1])


@pytest.mark.parametrize("row", B300_ETHERNET, ids=lambda row: f"{row.su}-su")
def test_b300_spectrum_in_two_planes(row: Row) -> None:
    """The table counts a split port once; each is two cables here, one a plane."""
    network = fabrics.ethernet(row.su, nodes_per_su=64, planes=2)
    plan = planned(network, range(1, row.nodes + 1))
    found = plan.networks[0]
    assert (found.leaves, found.spines, found.cores) == (row.leaves, row.spines, 0)
    assert found.node_cables == 2 * row.node_cables
    assert row.node_cables == row.gpus == row.nodes * 8
    check_rows(plan)


def test_worked_example_of_three_units() -> None:
    """Twelve spines would do for 24 leaves, and would not divide 32 uplinks: sixteen do."""
    plan = planned(fabrics.network(3), range(1, 97))
    pairs = {(it.a_device, it.b_device) for it in plan.cables if it.layer == "leaf-spine"}
    assert plan.networks[0].spines == 16
    assert len(pairs) == 24 * 16
    assert plan.networks[0].spine_cables == 2 * len(pairs)


def test_worked_example_of_sixteen_units() -> None:
    """Cores in groups of two, sixteen links from a spine to each of its group."""
    plan = planned(fabrics.network(16), range(1, 2))
    links: dict[str, list[str]] = {}
    for cable in plan.cables:
        if cable.layer == "spine-core":
            links.setdefault(cable.a_device, []).append(cable.b_device)
    assert {(len(set(cores)), len(cores)) for cores in links.values()} == {(2, 32)}
    assert links["compute-spine-pod01-03"] == links["compute-spine-pod04-03"]
