"""The life of nodes through the real engine: every promise of the Node resource."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from lab_under_test import Pool, Story, changes, write_site

from bloomery.drivers.redfish.client import connect
from bloomery.drivers.redfish.protocol import Trust
from bloomery.plan import make_plan
from bloomery.site import load
from bloomery.trust.keys import bmc_password
from bloomery.trust.secret import open_secret

Begin = Callable[[str], Story]
BIOS = {"WorkloadProfile": "MaxPerformance"}
POOLS = (Pool("node", 3),)


def begin(story: Begin, tmp_path: Path, name: str, block: int, **site: object) -> Story:
    write_site(tmp_path / "inventories", name, block, POOLS, **site)  # type: ignore[arg-type]
    told = story(name)
    told.lab_up()
    told.ready()
    return told


def on_bmc(told: Story, tmp_path: Path, node: str, act: Callable[..., None]) -> None:
    """Somebody with the right password does something behind the engine's back."""
    plan = make_plan(load(tmp_path / "inventories" / told.name)).node(node)
    password = bmc_password(open_secret(told.state.secret), plan.identity.system_uuid, 1)
    trust = Trust(ca_file=str(told.state.ca), chassis_serial=plan.identity.chassis_serial)
    bmc = connect(plan.bmc.address, trust, "admin", password)
    try:
        act(bmc)
    finally:
        bmc.close()


def test_up_same_drift_repair_release(story: Begin, tmp_path: Path) -> None:
    """Up; up again all same; a change behind its back is found by refresh and repaired."""
    told = begin(story, tmp_path, "life", 90, bios=BIOS)
    first = told.up()
    assert first.returncode == 0, first.stdout
    assert {n: told.power(n) for n in ("node-01", "node-02", "node-03")} == dict.fromkeys(
        ("node-01", "node-02", "node-03"), "On"
    )
    again = told.up()
    assert changes(again) == {"unchanged": changes(first)["created"]}, again.stdout

    on_bmc(told, tmp_path, "node-01", lambda bmc: bmc.power("ForceOff"))
    on_bmc(told, tmp_path, "node-02", lambda bmc: bmc.set_bios({"WorkloadProfile": "Balanced"}))
    on_bmc(told, tmp_path, "node-02", lambda bmc: bmc.power("ForceRestart"))
    assert changes(told.up()) == changes(again), "plain up does not look"
    found = told.pulumi("refresh", "--yes", "--skip-preview")
    assert found.returncode == 0, found.stdout
    seen = told.resources()
    assert seen["node-01"]["ready"] is False
    assert seen["node-02"]["bios"]["WorkloadProfile"] == "Balanced"  # type: ignore[index]
    assert seen["node-03"]["ready"] is True
    repaired = told.up("--refresh")
    assert repaired.returncode == 0, repaired.stdout
    after = told.resources()
    assert all(after[f"node-0{n}"]["ready"] for n in (1, 2, 3))
    assert after["node-02"]["bios"]["WorkloadProfile"] == "MaxPerformance"  # type: ignore[index]
    assert [told.installations(f"node-0{n}") for n in (1, 2, 3)] == [1, 1, 1]

    gone = told.pulumi("destroy", "--yes", "--skip-preview")
    assert gone.returncode == 0, gone.stdout
    assert told.power("node-01") == "On", "released means left running"


def test_lost_state_adopts_and_wipes_nothing(story: Begin, tmp_path: Path) -> None:
    """With state and journals lost, up adopts every live node and installs none."""
    told = begin(story, tmp_path, "lost", 91)
    assert told.up().returncode == 0
    shutil.rmtree(told.state.backend)
    shutil.rmtree(told.state.journal)
    told.state.backend.mkdir()
    told.ready()
    adopted = told.up()
    assert adopted.returncode == 0, adopted.stdout
    assert [told.installations(f"node-0{n}") for n in (1, 2, 3)] == [1, 1, 1]
    assert all(told.resources()[f"node-0{n}"]["ready"] for n in (1, 2, 3))


def test_import_target_and_decommission(story: Begin, tmp_path: Path) -> None:
    """Import by identity without replace; --target; one node leaves, the rest stay same."""
    told = begin(story, tmp_path, "parts", 92)
    line = ("**Site::parts", "**NodePool::node", "**Node::node-01")  # a node and its parents
    one = told.up(*(word for urn in line for word in ("--target", urn)))
    assert one.returncode == 0, one.stdout
    assert told.power("node-01") == "On"
    assert told.power("node-02") == "Off"
    assert told.up().returncode == 0

    machine = told.resources()["node-02"]["identity"]["systemUuid"]  # type: ignore[index]
    urns = json.loads(told.pulumi("stack", "export").stdout)["deployment"]["resources"]
    urn = next(item["urn"] for item in urns if item["urn"].endswith("Node::node-02"))
    forgotten = told.pulumi("state", "delete", "--yes", "--target-dependents", urn)
    assert forgotten.returncode == 0, forgotten.stderr
    site = next(item["urn"] for item in urns if item["urn"].endswith("NodePool::node"))
    brought = told.pulumi(
        "import", "bloomery:metal:Node", "node-02", str(machine), "--parent", f"pool={site}",
        "--yes", "--skip-preview", "--generate-code=false", "--protect=false",
    )  # fmt: skip
    assert brought.returncode == 0, brought.stdout + brought.stderr
    after = told.up()
    assert after.returncode == 0, after.stdout
    assert "replace" not in after.stdout
    assert told.installations("node-02") == 1

    write_site(tmp_path / "inventories", "parts", 92, (Pool("node", 2),))
    fewer = told.up()
    assert fewer.returncode == 0, fewer.stdout
    assert changes(fewer)["deleted"] == 1
    assert "node-03" not in told.resources()
    assert told.power("node-03") == "On"
    assert told.installations("node-01") == 1


def test_wrong_serial_touches_nothing(story: Begin, tmp_path: Path) -> None:
    """A machine that is not the delivered one is left alone: no password, no power, no media."""
    told = begin(story, tmp_path, "wrong", 93)
    rows = tmp_path / "inventories/wrong/machines.csv"
    text = rows.read_text()
    uuid = next(row.split(",")[8] for row in text.splitlines() if row.startswith("node-02"))
    other = uuid[:-1] + ("0" if uuid[-1] != "0" else "1")
    rows.write_text(text.replace(uuid, other))
    done = told.up()
    assert done.returncode != 0
    assert re.search(r"node-02: system UUID is .* not .*nothing was changed", done.stdout)
    assert "machines.csv" in done.stdout
    assert told.power("node-02") == "Off"
    events = {str(line["event"]) for line in told.journal("node-02")}
    assert "intent" not in events
    rows.write_text(text)
    repaired = told.up()
    assert repaired.returncode == 0, repaired.stdout
