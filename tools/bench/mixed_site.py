"""One update of a site of machines of all personalities: what it took, and how it ended."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.engine import Ended, Project
from bench.ground import Ground, Group
from bench.process_tree import Used, Watch, usage
from bench.row import BenchError
from bench.sick_machines import Outcome
from bloomery.drivers.redfish.fake.personalities import PERSONALITIES
from bloomery.drivers.redfish.fake.personality import STANDARD
from bloomery.lab.files import read_json
from bloomery.lab.layout import LabDir


@dataclass(frozen=True)
class Run:
    """One update, and what it took."""

    ended: Ended
    wall_s: float
    used: Mapping[str, Used]
    """Part -> what it took; ``lab`` is the emulator."""

    def cpu(self, count: int) -> dict[str, float]:
        """CPU seconds a machine, by part."""
        return {name: round(used.cpu_s / count, 4) for name, used in self.used.items()}


def groups(count: int) -> list[Group]:
    """``count`` machines, shared out evenly over all personalities."""
    names = list(PERSONALITIES)
    share, more = divmod(count, len(names))
    sizes = [share + (number < more) for number in range(len(names))]
    return [
        Group(name, size, personality=name) for name, size in zip(names, sizes, strict=True) if size
    ]


def personalities(site: Ground) -> dict[str, str]:
    """Machine -> personality of its BMC."""
    return {node.name: node.bmc.personality or STANDARD.name for node in site.plan.metal.nodes}


def lab_process(site: Ground) -> int:
    """Number of the process that emulates the site's machines."""
    record = read_json(LabDir(site.state.lab).daemon) or {}
    return int(str(record.get("pid")))


def up(site: Ground, project: Project) -> Run:
    """One ``pulumi up`` to whatever end, with what its processes and the lab's took."""
    lab = lab_process(site)
    before = usage(lab)
    watch = Watch()
    begun = time.perf_counter()
    try:
        ended = project.run(("up", "--yes", "--skip-preview"), watch.start)
    finally:
        wall, tree = time.perf_counter() - begun, watch.end()
    after = usage(lab)
    if before is None or after is None:
        raise BenchError("the lab ended while its machines were brought up")
    used = {**tree, "lab": Used(after.cpu_s - before.cpu_s, after.peak_b)}
    return Run(ended, wall, used)


def outcomes(state: Path) -> dict[str, Outcome]:
    """Machine -> how it stands by the stack's state."""
    latest = json.loads(state.read_text(encoding="utf-8"))["checkpoint"]["latest"]
    found = {}
    for resource in latest["resources"]:
        if resource["type"] == "bloomery:metal:Node":
            told = resource.get("outputs", {})
            found[str(resource["inputs"]["name"])] = Outcome(
                str(told.get("phase", "")), told.get("ready") is True, str(told.get("reason", ""))
            )
    return found
