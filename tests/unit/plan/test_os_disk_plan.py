"""The OS disk and Secure Boot of a pool, as each of its machines is told them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bloomery.plan import make_plan
from bloomery.plan.model import OsDiskPlan
from bloomery.plan.resource_inputs import node_props
from bloomery.plan.wire import Wire
from bloomery.site import load

LAB = Path(__file__).resolve().parents[3] / "inventories" / "lab-metal"


@pytest.mark.parametrize(
    ("written", "disk", "secure", "props"),
    [
        ("", None, False, {}),
        ("os_disk: {mirror: false, encrypt: none}", None, False, {}),
        (
            "os_disk: {mirror: true}",
            OsDiskPlan(mirror=True),
            False,
            {"osDisk": {"mirror": True, "encrypt": ""}},
        ),
        (
            "os_disk: {encrypt: luks2}\n    secure_boot: true",
            OsDiskPlan(encrypt="luks2"),
            True,
            {"osDisk": {"mirror": False, "encrypt": "luks2"}, "secureBoot": True},
        ),
    ],
)
def test_a_pool_that_says_nothing_keeps_its_plan_and_its_inputs(
    tmp_path: Path, written: str, disk: OsDiskPlan | None, secure: bool, props: dict[str, Wire]
) -> None:
    folder = tmp_path / "lab-metal"
    shutil.copytree(LAB, folder)
    text = (folder / "site.yaml").read_text()
    pool = f"model: lab-metal-tpm\n    {written}"
    (folder / "site.yaml").write_text(text.replace("model: lab-metal", pool))
    plan = make_plan(load(folder))
    [node] = plan.metal.nodes
    assert (node.os_disk, node.secure_boot) == (disk, secure)
    assert (node.bios.get("SecureBoot") == "Enabled") is secure
    found = node_props(plan, node)
    assert {key: found[key] for key in ("osDisk", "secureBoot") if key in found} == props
