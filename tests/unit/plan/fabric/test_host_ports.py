"""Names of machines' ports: of the catalogue by default, of the pool where it says them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import fabrics
import pytest

from bloomery.plan import Plan, make_plan
from bloomery.plan.diff import diff
from bloomery.plan.model import HostPortsPlan
from bloomery.plan.port_names import HostPort, HostPorts, switch_names, system_of
from bloomery.site import Site

H100 = tuple(f"mlx5_{number}" for number in (0, 3, 4, 5, 6, 9, 10, 11))


def planned(
    pool: dict[str, Any],
    rails: int = 8,
    planes: int = 1,
    ethernet: bool = False,
    fewer: dict[str, int] | None = None,
    **parts: Any,
) -> Plan:
    """A plan of two machines of ``pool``; ``fewer``: its ``pool_rails``."""
    make = fabrics.ethernet if ethernet else fabrics.network
    network = make(1, rails=rails, planes=planes, pool_rails=fewer or {})
    sheet = fabrics.fabric(compute=network, **parts)
    site = fabrics.site(sheet, [fabrics.machine(1), fabrics.machine(2)])
    written = {**site.model_dump(by_alias=True), "pools": [
        {"name": "train", "purpose": "training", **pool}
    ]}  # fmt: skip
    return make_plan(Site.model_validate(written))


def ports(plan: Plan) -> HostPortsPlan:
    (found,) = plan.fabric.host_ports
    return found


def test_a_model_has_the_names_of_its_guide() -> None:
    found = ports(planned({"model": "dgx-h100"}))
    assert (found.pool, found.network, found.hcas) == ("train", "compute", H100)
    assert (found.pci[1], found.interfaces[1]) == ("0000:40:00.0", "ibp64s0")
    assert found.source.startswith("NVIDIA DGX H100/H200 User Guide")
    assert ports(planned({"model": "dgx-h100"}, ethernet=True)).interfaces[1] == "enp64s0np0"


def test_a_pool_says_what_its_machines_have() -> None:
    own = [f"mlx5_{number}" for number in range(8)]
    pool = {"model": "dgx-h100", "hca_mapping": {"compute": own}}
    found = ports(planned(pool))
    # mlx5_1 and mlx5_2 are in the guide, for other networks; what it says of them holds.
    assert found.hcas == tuple(own) and found.pci[0] == "0000:18:00.0"
    assert found.source.startswith("site.yaml: hca_mapping of its pool; NVIDIA DGX H100")
    bare = ports(planned({**pool, "model": "dgx-b200"}))
    assert (bare.hcas, bare.pci, bare.interfaces) == (tuple(own), (), ())
    assert bare.source == "site.yaml: hca_mapping of its pool"
    names = [f"ib{number}" for number in range(8)]
    named = ports(planned({"model": "dgx-h100", "port_names": {"compute": names}}))
    assert (named.hcas, named.interfaces) == (H100, tuple(names))


def test_pci_addresses_are_known_by_the_model_or_stand_alone() -> None:
    slots = ["dc:00.0", "0000:CE:00.0", "ff:00.0", "0001:18:00.0"]
    pool = {"model": "dgx-h100", "hca_mapping": {"compute": slots}}
    found = ports(planned(pool, rails=4))
    assert found.hcas == ("mlx5_11", "mlx5_10", "", "")
    assert found.pci == ("0000:dc:00.0", "0000:ce:00.0", "0000:ff:00.0", "0001:18:00.0")
    assert found.interfaces == ("ibp220s0", "ibp206s0", "", "")
    bare = ports(planned({**pool, "model": "dgx-b200"}, rails=4))
    assert (bare.hcas, bare.interfaces) == ((), ()) and bare.pci == found.pci


@pytest.mark.parametrize(
    ("pool", "rails", "planes"),
    [
        ({"model": "dgx-b200"}, 8, 1),
        ({"model": "dgx-h100"}, 4, 1),
        ({"model": "dgx-h100"}, 4, 2),
        ({"model": "dgx-h100", "hca_mapping": {}}, 8, 1),
    ],
)
def test_what_nobody_says_is_left_out(pool: dict[str, Any], rails: int, planes: int) -> None:
    """A model without a guide, another number of ports than it has, a pool that wants none."""
    plan = planned(pool, rails, planes)
    assert plan.fabric.host_ports == ()
    assert "host_ports" not in json.loads(plan.to_json())["fabric"]
    assert "systems" not in json.loads(plan.to_document())["fabric"]
    assert Plan.from_json(plan.to_json()) == plan


def test_planes_share_the_adapter_of_their_rail_or_have_their_own() -> None:
    rail = {"model": "dgx-b200", "hca_mapping": {"compute": ["mlx5_0", "mlx5_1"]}}
    found = ports(planned(rail, rails=2, planes=2))
    assert found.hcas == ("mlx5_0", "mlx5_0", "mlx5_1", "mlx5_1")
    each = {"model": "dgx-b200", "hca_mapping": {"compute": [f"mlx5_{n}" for n in range(4)]}}
    plan = planned(each, rails=2, planes=2)
    assert ports(plan).hcas == ("mlx5_0", "mlx5_1", "mlx5_2", "mlx5_3")
    ends = {port: known.hca for _, port, known in HostPorts(plan).ends(plan.fabric.cables)}
    assert ends == {"hca1/1": "mlx5_0", "hca1/2": "mlx5_1", "hca2/1": "mlx5_2", "hca2/2": "mlx5_3"}


def test_a_pool_with_fewer_rails_names_those_it_has() -> None:
    four = {"hca_mapping": {"compute": [f"mlx5_{n}" for n in range(4)]}}
    found = ports(planned({"model": "dgx-b200", **four}, rails=8, fewer={"train": 4}))
    assert found.hcas == ("mlx5_0", "mlx5_1", "mlx5_2", "mlx5_3")
    # Its guide is of eight rails; which of them four would be, it does not say.
    assert planned({"model": "dgx-h100"}, fewer={"train": 4}).fabric.host_ports == ()
    planes = planned({"model": "dgx-b200", **four}, rails=4, planes=2, fewer={"train": 2})
    assert ports(planes).hcas == ("mlx5_0", "mlx5_1", "mlx5_2", "mlx5_3")


def test_a_plan_with_names_is_read_again_and_differs_by_their_order() -> None:
    plan = planned({"model": "dgx-h100"})
    assert Plan.from_json(plan.to_json()) == Plan.from_json(plan.to_document()) == plan
    known = ports(plan)
    turned = replace(known, hcas=known.hcas[::-1])
    other = replace(plan, fabric=replace(plan.fabric, host_ports=(turned,)))
    (difference,) = diff(plan, other).differences
    assert (difference.kind, difference.name) == ("ports", "train/compute")
    assert [change.field for change in difference.changes] == ["hcas"]


def test_ports_nobody_names_are_unknown() -> None:
    hosts = HostPorts(planned({"model": "dgx-h100"}))
    assert hosts.at("train-0001", "compute", 2) == HostPort("mlx5_3", "0000:40:00.0", "ibp64s0")
    assert hosts.at("train-0001", "compute", 9) == HostPort()
    assert hosts.at("train-0001", "storage", 1) == hosts.at("x", "compute", 1) == HostPort()


def test_a_switch_runs_what_the_site_says() -> None:
    ordered = planned({"model": "dgx-b200"})
    own = planned({"model": "dgx-b200"}, switches={**fabrics.FIGURES, "qm9700": {"os": "nvos"}})
    leaf = ordered.fabric.switches[0]
    assert (system_of(ordered, leaf), system_of(own, leaf)) == ("mlnx-os", "nvos")
    assert switch_names(ordered)[leaf.name].names["p07/2"][0] == "IB1/7/2"
    assert switch_names(own)[leaf.name].names["p07/2"] == ("sw7p2",)
    assert own.fabric.systems == {"qm9700": "nvos"}
    assert Plan.from_json(own.to_json()) == own
    (difference,) = diff(ordered, own).differences
    assert [change.field for change in difference.changes] == ["systems.qm9700"]
    unknown = replace(leaf, model="switch-x")
    assert system_of(ordered, unknown) == ""


def test_a_tree_of_switches_with_twisted_pair_ports_has_no_names() -> None:
    """A plan counts the cages of a tree from 1; on such a front they begin at 49."""
    plan = planned({"model": "dgx-b200"})
    leaf = replace(plan.fabric.switches[0], model="sn2201", ports=4, per_cage=1)
    named = replace(plan, fabric=replace(plan.fabric, switches=(leaf,)))
    assert switch_names(named)[leaf.name].names == {}
    out = replace(leaf, tier="oob", ports=52, down=48)
    named = replace(plan, fabric=replace(plan.fabric, switches=(out,)))
    assert switch_names(named)[leaf.name].names["p49"] == ("swp49",)
