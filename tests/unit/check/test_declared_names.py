"""Observed names that are declared: read by what the catalogue and the site say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import printed
import pytest

from bloomery.check.declared_names import DeclaredNames, form
from bloomery.check.doubted_names import doubted_names
from bloomery.check.learnt_names import Resolver
from bloomery.check.observed.read import parse_observed
from bloomery.check.observed.seen import End, Observed, Seen
from bloomery.check.port_names import PortNames
from bloomery.check.wiring import compare
from bloomery.plan import Plan, make_plan
from bloomery.plan.model import Cable, HostPortsPlan
from bloomery.site import load

REPO = Path(__file__).parents[3]
REAL = (0, 3, 4, 5, 6, 9, 10, 11)
"""Numbers of the eight adapters of a DGX H100."""


@pytest.fixture(scope="module")
def ports() -> Plan:
    """Machines and switches with declared names."""
    return make_plan(load(REPO / "tests" / "golden" / "ports"))


@pytest.fixture(scope="module")
def su1() -> Plan:
    return make_plan(load(REPO / "inventories" / "example-su1"))


def declared(plan: Plan, *hcas: str, interfaces: tuple[str, ...] = ()) -> Plan:
    """``plan`` with these adapters of its machines' rails."""
    known = HostPortsPlan("train", "compute", hcas, (), interfaces, "a test")
    return replace(plan, fabric=replace(plan.fabric, host_ports=(known,)))


def h100(rail: int) -> str:
    return f"mlx5_{REAL[rail - 1]}"


@pytest.mark.parametrize(
    ("device", "name", "found"),
    [
        ("hopper-01", "mlx5_3/P1", ("hca2",)),
        ("hopper-01", "mlx5_3", ("hca2",)),
        ("hopper-01", "IBP220S0", ("hca8",)),
        ("hopper-01", "mlx5_1/P1", ("sto2",)),
        ("hopper-01", "mlx5_2/P1", ()),
        ("hopper-01", "mlx5_3/P2", ()),
        ("other-01", "mlx5_7", ("hca2",)),
        ("other-01", "ens2f0np0", ("sto2",)),
        ("compute-leaf-s01-r1-8", "sw7p2", ("p07/2",)),
        ("compute-leaf-s01-r1-8", "IB1/7/2", ("p07/2",)),
        ("compute-leaf-s01-r1-8", "IB1/33/1", ()),
        ("storage-leaf-s01-r1-2", "Ethernet12", ("p02/2",)),
        ("storage-leaf-s01-r1-2", "etp2b", ("p02/2",)),
        ("storage-leaf-s01-r1-2", "swp2s1", ("p02/2",)),
        ("storage-leaf-s01-r1-2", "Ethernet13", ()),
        ("oob-all-001", "swp49", ("p49",)),
        ("oob-all-001", "eth0", ("mgmt",)),
        ("nobody", "swp1", ()),
    ],
)
def test_names_of_the_systems_lead_back(
    ports: Plan, device: str, name: str, found: tuple[str, ...]
) -> None:
    assert DeclaredNames(ports).ports(device, name) == found


def test_names_of_one_form_differ_in_numbers_only() -> None:
    assert form("mlx5_11/P1") == form("MLX5_3") != form("ibp3s0")


def fits(plan: Plan, hca: Callable[[int], str]) -> tuple[int, int, list[str]]:
    """Right cables, findings and learnt names where adapters are called by ``hca``."""
    found = compare(plan, parse_observed("x", printed.ibnetdiscover(plan.fabric.cables, hca)))
    return found.right, len(found.findings), [it.name for it in found.learnt]


def test_declared_adapters_are_not_learnt(one_su: Plan) -> None:
    plan = declared(one_su, *map(h100, range(1, 9)))
    assert fits(plan, h100) == (512, 0, [])
    assert fits(one_su, h100)[2] == [f"{h100(rail)}/P1" for rail in range(1, 9)]


def test_machines_that_count_otherwise_than_declared_are_found(one_su: Plan) -> None:
    """All of them agree, as where the leaves are exchanged: learnt names would hide it."""
    plan = declared(one_su, *map(h100, range(1, 9)))
    right, findings, learnt = fits(plan, printed.adapter)
    assert (right, learnt) == (256 + 32, []) and findings > 0
    swapped = declared(one_su, *(h100(rail) for rail in (2, 1, 3, 4, 5, 6, 7, 8)))
    assert fits(swapped, h100)[:2] == (512 - 64, 32)


def test_names_that_no_machine_bears_out_are_doubted(one_su: Plan) -> None:
    """One machine that is right, or that one pool has no declared names, and they are not."""
    swapped = declared(one_su, *(h100(rail) for rail in (2, 1, 3, 4, 5, 6, 7, 8)))

    def doubted(plan: Plan, cables: Iterable[Cable]) -> list[tuple[str, str, int]]:
        found = compare(plan, parse_observed("x", printed.ibnetdiscover(list(cables), h100)))
        known = doubted_names(plan, found.findings)
        return [(it.pool, it.network, count) for it, count in known]

    cables = swapped.fabric.cables
    assert doubted(swapped, cables) == [("train", "compute", 32)]
    assert doubted(one_su, cables) == []
    assert doubted(swapped, [c for c in cables if c.a_device != "s01-n09"]) == []
    assert doubted(declared(one_su, *map(h100, range(1, 9))), cables[1:]) == []


def test_an_adapter_that_is_not_declared_is_no_port_of_the_network(one_su: Plan) -> None:
    plan = declared(one_su, *map(h100, range(1, 9)))
    cables = list(plan.fabric.cables)
    text = printed.ibnetdiscover(cables, h100).replace('"s01-n05 mlx5_3"', '"s01-n05 mlx5_1"')
    found = compare(plan, parse_observed("x", text))
    (finding,) = found.findings
    assert (finding.kind, found.right) == ("miswired", 511)
    assert [end.port for end in finding.seen[0] if end.device == "s01-n05"] == ["mlx5_1/P1"]


def test_other_kinds_of_names_are_learnt_still(one_su: Plan) -> None:
    """Adapters are declared, LLDP tells interfaces."""
    plan = declared(one_su, *map(h100, range(1, 9)))
    leaf = "compute-leaf-s01-r1"
    seen = parse_observed("x", printed.sonic(plan.fabric.cables, leaf), device=leaf)
    found = compare(plan, seen)
    assert (found.right, found.findings) == (64, ())
    assert [(it.name, it.port) for it in found.learnt] == [("enp16s0np0", "hca1")]
    named = declared(plan, interfaces=tuple(f"enp{16 * rail}s0np0" for rail in range(1, 9)))
    assert compare(named, seen).learnt == ()


def test_planes_of_one_adapter_are_told_apart_by_the_far_end(one_su: Plan) -> None:
    """Two subnets, each with the adapter of a rail."""
    plan = declared(one_su, *(f"mlx5_{rail // 2}" for rail in range(8)))
    links = tuple(
        Seen(End(c.a_device, f"mlx5_{(c.a_index - 1) // 2}/P1"), End(c.b_device, c.b_port), 1)
        for c in plan.fabric.cables
        if c.layer == "node-leaf"
    )
    found = compare(plan, Observed(links))
    assert (found.right, found.learnt) == (256, ())


def test_lanes_of_a_known_switch_are_counted_not_voted(ports: Plan) -> None:
    """One cable alone, to a port that the plan does not give it: no vote could tell its lanes."""
    leaf = "storage-leaf-s01-r1-2"
    link = Seen(End(leaf, "Ethernet12"), End("hopper-01", "enp41s0f0np0"), 1, by=leaf)
    resolver = Resolver(ports, PortNames(ports.fabric.cables), [link])
    assert resolver.ends(link) == (End(leaf, "p02/2"), End("hopper-01", "sto2"))
    found = compare(ports, Observed((link,), frozenset({leaf})))
    (finding,) = [it for it in found.findings if it.kind == "miswired"]
    assert End(leaf, "p02/2") in finding.seen[0]


def test_a_cable_in_a_port_that_the_plan_leaves_empty_is_no_cable_of_it(ports: Plan) -> None:
    """Its far end would say which port it should be; its own name says which it is."""
    cable = next(c for c in ports.fabric.cables if c.network == "storage")
    link = Seen(End(cable.b_device, "Ethernet48"), End(cable.a_device, cable.a_port), 1)
    found = compare(ports, Observed((link,)), network="storage")
    wrong = next(it for it in found.findings if it.kind == "miswired")
    assert End(cable.b_device, "p07/1") in wrong.seen[0] and found.right == 0


@pytest.mark.parametrize("system", ["mlnx-os", "nvos"])
def test_any_system_of_the_model_is_read(su1: Plan, system: str) -> None:
    """Names of a switch that was ordered with another system, in the columns of ``cables.csv``."""

    def own(c: Cable) -> str:
        cage, sub = c.b_port[1:].split("/")
        return f"IB1/{int(cage)}/{sub}" if system == "mlnx-os" else f"sw{int(cage)}p{sub}"

    mine = [c for c in su1.fabric.cables if c.network == "compute"]
    lines = [f"{c.a_device},{c.a_port},{c.b_device},{own(c)}" for c in mine]
    text = "\n".join(["a_device,a_port,b_device,b_port", *lines])
    found = compare(su1, parse_observed("seen.csv", text))
    assert (found.right, found.findings, found.learnt) == (512, (), ())
