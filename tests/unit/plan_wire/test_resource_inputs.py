"""Which part of the plan each resource is handed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bloomery.plan import make_plan
from bloomery.plan.model import NodePlan, Plan
from bloomery.plan.resource_inputs import host_props, node_props, site_props
from bloomery.plan.wire import from_wire
from bloomery.provider.phases.node.work import NodeSetting
from bloomery.provider.playbook import RunHost
from bloomery.provider.schema import REQUIRED
from bloomery.site import load

LAB = Path(__file__).parents[3] / "inventories" / "lab"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(load(LAB))


def test_node_inputs_are_what_the_provider_reads(plan: Plan) -> None:
    for node in plan.metal.nodes:
        inputs = node_props(plan, node)
        assert from_wire(NodePlan, inputs) == node
        setting = from_wire(NodeSetting, inputs)
        assert (setting.site, setting.on_delete) == ("lab", plan.site.on_delete)
        assert setting.controller_oob == plan.site.controller_oob
        assert set(REQUIRED["bloomery:metal:Node"]) <= set(inputs)


def test_host_inputs_are_what_a_run_reads(plan: Plan) -> None:
    for node in plan.metal.nodes:
        host = from_wire(RunHost, {**host_props(node), "installId": "x"})
        assert (host.address, host.ssh_port, host.user) == (
            node.host.address,
            node.host.ssh_port,
            node.host.user,
        )
        assert (host.system_uuid, host.key_epoch) == (node.identity.system_uuid, node.key_epoch)


def test_site_inputs_are_what_policies_read(plan: Plan) -> None:
    inputs = site_props(plan)
    assert inputs["planDigest"] == plan.digest
    for name in ("country", "location", "allowedLocations", "oobCidr", "provisioningCidr", "lab"):
        assert name in inputs
    assert inputs["bmcCredentials"] == "derived"


def test_no_secret_is_an_input(plan: Plan) -> None:
    text = str([site_props(plan), *(node_props(plan, node) for node in plan.metal.nodes)])
    for word in ("PRIVATE KEY", "password", "ssh-ed25519"):
        assert word not in text
