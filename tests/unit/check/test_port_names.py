"""What observed names mean: read off the name, or learnt from the far ends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import printed
import pytest

from bloomery.check.learnt_names import Resolver
from bloomery.check.observed.read import parse_observed
from bloomery.check.observed.seen import End, Observed, Seen, described
from bloomery.check.port_names import PortNames
from bloomery.check.wiring import compare
from bloomery.plan import Plan, make_plan
from bloomery.report.files.netlist import netlists
from bloomery.site import find_site, load

LEAF = "compute-leaf-s01-r3"


@pytest.mark.parametrize(
    ("name", "port"),
    [
        ("p07/2", "p07/2"),
        ("P07/2", "p07/2"),
        ("7/2", "p07/2"),
        ("Eth7/2", "p07/2"),
        ("14", "p07/2"),
        ("P14", "p07/2"),
        ("swp7s1", "p07/2"),
        ("sw7p2", "p07/2"),
        ("etp7b", "p07/2"),
        ("swp7", ""),
        ("swp99s1", ""),
        ("0", ""),
        ("enp7s0", ""),
    ],
)
def test_names_that_mean_themselves(one_su: Plan, name: str, port: str) -> None:
    found = PortNames(one_su.fabric.cables).read(End(LEAF, name))
    assert [it.end.port for it in found] == ([port] if port else [])


def test_a_number_is_none_of_a_port_that_has_no_number(one_su: Plan) -> None:
    """A switch's first port, and the one it is managed by."""
    first = one_su.fabric.cables[0]
    managed = first._replace(id="x", network="oob", a_device=LEAF, a_port="mgmt", b_device="oob-1")
    found = PortNames([*one_su.fabric.cables, managed]).read(End(LEAF, "1"))
    assert [it.network for it in found] == ["compute"]


def test_devices_by_full_name_and_first_label(one_su: Plan) -> None:
    first = one_su.fabric.cables[0]
    twins = [first._replace(a_device=name) for name in ("n1.east", "n1.west", "n2.east")]
    names = PortNames(twins)
    asked = ("N1.East", "n1", "n1.north", "n2", "n2.example.net.", "n3")
    assert [names.device(name) for name in asked] == [
        "n1.east", "n1", "n1.north", "n2.east", "n2.east", "n3",
    ]  # fmt: skip


def test_machines_with_a_domain_answer_by_their_short_names() -> None:
    """As rdma-ndd describes them, and as LLDP tells one with its domain."""
    plan = make_plan(load(Path(__file__).parents[2] / "golden" / "hall"))
    seen = parse_observed("compute.net", netlists(plan)["compute"].decode())
    assert {link.a.device for link in seen.links} >= {"gpu-a01", "gpu-004"}
    found = compare(plan, seen)
    assert (found.findings, found.planned, found.right) == ((), 32, 32)
    names = PortNames(plan.fabric.cables)
    full = "gpu-a01.hall1.example.gov.ua"
    assert [names.device(it) for it in ("gpu-a01", "GPU-A01", full, f"{full}.")] == [full] * 4
    assert names.device("gpu-004.hall1.example.gov.ua") == "gpu-004"


@pytest.mark.parametrize(
    ("device", "port", "end"),
    [
        ("n1 mlx5_4", "1", End("n1", "mlx5_4/P1")),
        ("n1 mlx5_4", "P2", End("n1", "mlx5_4/P2")),
        ("n1 HCA-1", "1", End("n1", "HCA-1/P1")),
        ("MF0;leaf-1:MQM9700/U1", "7", End("leaf-1", "7")),
        ("MF0;leaf-1.example.net:MQM8700/U1", "7", End("leaf-1.example.net", "7")),
        ("MT4129 ConnectX7   Mellanox Technologies", "1",
         End("MT4129 ConnectX7   Mellanox Technologies", "1")),
    ],
)  # fmt: skip
def test_node_descriptions(device: str, port: str, end: End) -> None:
    assert described(device, port) == end


REAL = (0, 3, 4, 5, 6, 9, 10, 11)
"""Numbers of the eight adapters between which others of the machine are counted."""


def test_adapters_are_counted_as_most_machines_have_them(one_su: Plan) -> None:
    text = printed.ibnetdiscover(one_su.fabric.cables, hca=lambda rail: f"mlx5_{REAL[rail - 1]}")
    found = compare(one_su, parse_observed("x", text))
    assert (found.right, found.findings) == (512, ())
    assert [(it.name, it.port, it.devices) for it in found.learnt][:2] == [
        ("mlx5_0/P1", "hca1", 32),
        ("mlx5_3/P1", "hca2", 32),
    ]


def test_adapters_exchanged_on_one_machine_differ_from_all_others(one_su: Plan) -> None:
    """Each cable alone goes to a port that the plan gives this machine."""
    cables = list(one_su.fabric.cables)
    one, two = [at for at, c in enumerate(cables) if c.a_device == "s01-n05"][:2]
    a, b = cables[one], cables[two]
    cables[one] = a._replace(a_port=b.a_port, a_index=b.a_index)
    cables[two] = b._replace(a_port=a.a_port, a_index=a.a_index)
    (finding,) = compare(one_su, parse_observed("x", printed.ibnetdiscover(cables))).findings
    assert finding.kind == "swapped"
    assert {end.device for link in finding.planned for end in link} >= {"s01-n05"}


def test_leaves_that_are_exchanged_are_found(one_su: Plan) -> None:
    """All machines agree on what their adapters are, and all of them are wrong."""
    names = {"compute-leaf-s01-r1": "compute-leaf-s01-r2"}
    names |= {b: a for a, b in names.items()}
    wired = [
        c._replace(b_device=names.get(c.b_device, c.b_device)) if c.layer == "node-leaf" else c
        for c in one_su.fabric.cables
    ]
    found = compare(one_su, parse_observed("x", printed.ibnetdiscover(wired)))
    assert [it.kind for it in found.findings] == ["swapped"] * 32
    assert found.right == 512 - 64


def test_addresses_are_not_counted(one_su: Plan) -> None:
    """GUIDs of one machine in no order: each is what its far end says."""
    own = [c for c in one_su.fabric.cables if c.a_device == "s01-n01"]
    links = [
        Seen(End("s01-n01", f"{9 - c.a_index:016x}/P1"), End(c.b_device, c.b_port), c.a_index)
        for c in own
    ]
    assert compare(one_su, Observed(tuple(links))).right == 8


def test_of_equal_votes_the_number_of_the_adapter_decides(one_su: Plan) -> None:
    """Two machines, one of them exchanged: the one that counts as the plan does is right."""
    cables = [c for c in one_su.fabric.cables if c.a_device in ("s01-n01", "s01-n02")]
    one, two = [at for at, c in enumerate(cables) if c.a_device == "s01-n02"][:2]
    a, b = cables[one], cables[two]
    wired = list(cables)
    wired[one] = a._replace(a_port=b.a_port, a_index=b.a_index)
    wired[two] = b._replace(a_port=a.a_port, a_index=a.a_index)
    plan = replace(one_su, fabric=replace(one_su.fabric, cables=tuple(cables)))
    (finding,) = compare(plan, parse_observed("x", printed.ibnetdiscover(wired))).findings
    assert finding.kind == "swapped"
    assert all(link[0].device == "s01-n02" for link in finding.planned)


def test_a_name_of_nobody_else_is_what_its_far_end_says(one_su: Plan) -> None:
    cable = one_su.fabric.cables[5]
    far = End(cable.b_device, cable.b_port)
    right = Observed((Seen(End(cable.a_device, "48:b0:2d:00:00:02"), far, 2),))
    assert compare(one_su, right).right == 1
    other = Observed((Seen(End("s01-n31", "48:b0:2d:00:00:02"), far, 2),))
    found = compare(one_su, other)
    wrong = [it for it in found.findings if it.kind == "miswired"]
    assert found.right == 0 and wrong[0].seen[0][0].port == "48:b0:2d:00:00:02"


def test_lanes_of_a_cage_are_those_with_which_most_cables_fit(one_su: Plan) -> None:
    """``Ethernet4`` is p01/2 of eight lanes a cage, and p02/1 of four."""
    names = PortNames(one_su.fabric.cables)
    seen = parse_observed("x", printed.sonic(one_su.fabric.cables, LEAF), device=LEAF)
    resolver = Resolver(one_su, names, seen.links)
    link = next(link for link in seen.links if link.a.port == "Ethernet4")
    assert resolver.ends(link)[0] == End(LEAF, "p01/2")
    third = link._replace(a=End(LEAF, "Ethernet5"))
    assert Resolver(one_su, names, [*seen.links, third]).ends(third)[0].port == "Ethernet5"


@pytest.mark.parametrize("form", ["{device},{number}", "{device} mlx5_{rail},1"])
def test_ports_by_number_on_machines_of_several_networks(form: str) -> None:
    """Adapters by number, and as described: port 1 is one of two networks and of the BMC."""
    plan = make_plan(load(find_site("example-su1")))
    lines = ["a_device,a_port,b_device,b_port"]
    for c in plan.fabric.cables:
        if c.network == "compute":
            own = form if c.layer == "node-leaf" else "{device},{number}"
            a = own.format(device=c.a_device, number=c.a_index, rail=c.a_index - 1)
            lines.append(f"{a},{c.b_device},{c.b_index}")
    found = compare(plan, parse_observed("seen.csv", "\n".join(lines)))
    assert found.findings == ()
    assert [(it.network, it.planned, it.right) for it in found.networks] == [
        ("compute", 512, 512), ("storage", 0, 0), ("oob", 0, 0),
    ]  # fmt: skip
