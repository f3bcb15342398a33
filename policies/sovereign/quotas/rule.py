"""Every project has a quota, all quotas together fit, and no project can use another's share.

Recomputed from the projects themselves; the sums of the plan are held against them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]


def cluster(args: ResourceValidationArgs, report: Report) -> None:
    """Every project, then every pool; without projects there is nobody to starve."""
    projects = args.props["projects"]
    for project in projects:
        if project["gpus"] + project["slices"] + project["nodes"] <= 0:
            report(f"project {project['name']} has no compute quota")
        if project["storageTb"] <= 0:
            report(f"project {project['name']} has no storage quota")
    pools = {row["pool"]: row for row in args.props["capacity"]}
    for name in sorted({project["pool"] for project in projects} - pools.keys()):
        report(f"pool {name} has projects, but its capacity is not known")
    for name, row in sorted(pools.items()):
        _fits(name, row, [one for one in projects if one["pool"] == name], report)


def _fits(
    name: str, row: Mapping[str, Any], projects: Sequence[Mapping[str, Any]], report: Report
) -> None:
    promised = {
        "gpus": sum(one["gpus"] for one in projects),
        "slices": sum(one["slices"] for one in projects),
        "nodes": sum(one["nodes"] for one in projects),
    }
    for what, least in promised.items():
        needed = max(least, row[f"{what}Needed"])
        if needed > row[what]:
            report(f"pool {name}: {needed:g} {what} guaranteed, {row[what]:g} available")


JUDGES = {"bloomery:cluster:Cluster": cluster}
