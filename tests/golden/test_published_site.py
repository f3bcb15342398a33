"""A whole site written after a published reference architecture gives its published figures.

Source: NVIDIA DGX SuperPOD with DGX H100, docs.nvidia.com/dgx-superpod,
reference-architecture-scalable-infrastructure-h100: network fabrics, table 4, row of four units;
major components of the 127-node SuperPOD, table 7: racks, nodes, managers of the fabric,
management servers. A full rack has four machines of 10.2 kW.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bloomery.check import review
from bloomery.plan import Plan, make_plan
from bloomery.site import load

PUBLISHED = {
    "nodes": 127,
    "GPUs": 1016,
    "racks": 38,
    "racks of machines": 32,
    "management servers": 5,
    "managers (UFM)": 4,
    "compute leaves": 32,
    "compute spines": 16,
    "compute and UFM cables": 1020,
    "spine-leaf cables": 1024,
    "kW of a full rack": 40.8,
}


def figures(plan: Plan) -> dict[str, float]:
    """What is published, as the plan has it."""
    nodes = Counter(node.pool for node in plan.metal.nodes)
    models = {model.key: model for model in plan.metal.models}
    cables = [cable for cable in plan.fabric.cables if cable.network == "compute"]
    ends = Counter(cable.layer for cable in cables)
    tiers = Counter(it.tier for it in plan.fabric.switches if it.network == "compute")
    full = Counter(node.rack for node in plan.metal.nodes if node.pool == "train")
    return {
        "nodes": nodes["train"],
        "GPUs": nodes["train"] * models["dgx-h100"].gpus,
        "racks": len(plan.metal.racks),
        "racks of machines": len(full),
        "management servers": nodes["mgmt"],
        "managers (UFM)": len({it.a_device for it in cables if "-manager-" in it.a_device}),
        "compute leaves": tiers["leaf"],
        "compute spines": tiers["spine"],
        "compute and UFM cables": ends["node-leaf"],
        "spine-leaf cables": ends["leaf-spine"],
        "kW of a full rack": max(full.values()) * models["dgx-h100"].power_kw,
    }


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(load(Path(__file__).parent / "four-units"))


def test_published_figures_of_four_units(plan: Plan) -> None:
    assert figures(plan) == pytest.approx(PUBLISHED)


def test_no_rule_has_a_word_to_say_of_what_is_published(plan: Plan) -> None:
    """The managers may be of any vendor: nothing proves their BMCs."""
    assert [(note.id, note.subject) for note in review(plan)] == [("M9", "pool mgmt")]


def test_storage_fabric_connects_both_ports_of_each_machine(plan: Plan) -> None:
    """Not a published figure. The site asks for 4:3 at most, which 32 down and 28 up keep."""
    cables = Counter(it.layer for it in plan.fabric.cables if it.network == "storage")
    assert cables == {"node-leaf": 2 * 127, "leaf-spine": 8 * 28}
