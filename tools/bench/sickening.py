"""Makes machines of a lab faulty: by the lab's own faults, by its delivery list, by its power."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import requests

from bench.ground import Ground
from bench.sick_machines import Sickness
from bloomery.drivers.redfish.fake.personalities import PERSONALITIES
from bloomery.drivers.redfish.fake.personality import STANDARD
from bloomery.lab import set_fault
from bloomery.lab.files import read_json
from bloomery.lab.layout import LabDir
from bloomery.plan.model import NodePlan
from bloomery.provider.bmc_access import login_of
from bloomery.trust.secret import open_secret

LOOK = 0.2
"""Seconds between two looks at machines whose power is to go: an installation takes seconds."""

SILENT_PORT = 8444
"""Port of a BMC's address at which nobody listens."""


def fall_ill(site: Ground, sick: Mapping[str, Sickness]) -> None:
    """Set the faults of the lab, and write the wrong cells into the delivery list."""
    for name, each in sick.items():
        if each.lab:
            set_fault(site.name, site.env, name, each.lab, each.options)
    listed = site.site / "machines.csv"
    lines = listed.read_text(encoding="utf-8").splitlines()
    heads = lines[0].split(",")
    rows_ = [dict(zip(heads, line.split(","), strict=True)) for line in lines[1:]]
    for number, row in enumerate(rows_):
        kind = sick.get(row["name"])
        for cell, wrong in kind.row.items() if kind else ():
            row[cell] = _wrong_cell(cell, row[cell], wrong, number)
    lines = [lines[0], *(",".join(row.values()) for row in rows_)]
    listed.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _wrong_cell(cell: str, right: str, wrong: str, number: int) -> str:
    if cell == "bmc_address":
        return f"{right.partition(':')[0]}:{SILENT_PORT}"
    if cell == "bmc_mac":
        return f"{wrong}:{number // 256:02x}:{number % 256:02x}"
    return hashlib.sha256(f"{wrong} {number}".encode()).hexdigest()


@contextmanager
def power_cuts(site: Ground, names: Sequence[str]) -> Iterator[None]:
    """Take the power of these machines away, once each, while they install themselves."""
    stop = threading.Event()
    left = {node.name: node for node in site.plan.metal.nodes if node.name in names}

    def look() -> None:
        while left and not stop.wait(LOOK):
            for name in list(left):
                step = read_json(LabDir(site.state.lab).machine(name).power) or {}
                if step.get("step") == "install":
                    _cut(site, left.pop(name))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _cut(site: Ground, node: NodePlan) -> None:
    """Off, by its BMC: the lab has no other switch for a ghost."""
    layout = PERSONALITIES[node.bmc.personality or STANDARD.name].layout
    path = f"/redfish/v1/Systems/{layout.system}/Actions/ComputerSystem.Reset"
    secret = open_secret(site.state.secret)
    answer = requests.post(
        f"https://{node.bmc.address}{path}",
        json={"ResetType": "ForceOff"},
        auth=login_of(secret, site.name, site.state, node, node.key_epoch),
        verify=str(site.state.ca),
        timeout=30,
    )
    answer.raise_for_status()
