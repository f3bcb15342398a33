"""Which ways of reading a medium the machines of a lab have, told before anything is made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bloomery.errors import LabError
from bloomery.lab.spec import spec_of
from bloomery.plan import make_plan
from bloomery.plan.model import Plan
from bloomery.site import load

LAB = Path(__file__).parents[3] / "inventories" / "lab"


def plan_with(tmp_path: Path, first: str, instead: str) -> Plan:
    """The plan of the lab site with another line in its first pool."""
    folder = tmp_path / "site"
    shutil.copytree(LAB, folder)
    text = (folder / "site.yaml").read_text()
    assert first in text
    (folder / "site.yaml").write_text(text.replace(first, instead, 1))
    return make_plan(load(folder))


def test_transport_of_a_pool_is_that_of_its_bmcs_alone(tmp_path: Path) -> None:
    plan = plan_with(
        tmp_path, "    personality: ilo6", "    media_transport: http\n    personality: xcc1"
    )
    ways = {node.pool: node.bmc.media_transport for node in plan.metal.nodes}
    first = next(node.pool for node in plan.metal.nodes if node.bmc.personality == "xcc1")
    assert [pool for pool, way in ways.items() if way] == [first]
    assert ways[first] == "http"
    assert spec_of(plan, tmp_path, 1.0).machines


@pytest.mark.parametrize(
    ("first", "instead", "reason"),
    [
        ("    personality: ilo6", "    personality: uefi-http", "lab-node has no network before"),
        (
            "model: lab-node",
            "model: lab-metal\n    media_transport: http",
            "the installer of lab-metal opens no sealed seed",
        ),
    ],
)
def test_what_a_machine_cannot_show_is_refused(
    tmp_path: Path, first: str, instead: str, reason: str
) -> None:
    plan = plan_with(tmp_path, first, instead)
    with pytest.raises(LabError, match=reason):
        spec_of(plan, tmp_path, 1.0)
