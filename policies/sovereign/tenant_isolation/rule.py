"""Each project is isolated at least as its data class asks.

From weak to strong: ``shared`` (a namespace; GPUs may be time-sliced), ``mig`` (memory and
compute of a GPU are cut in hardware, the kernel is shared), ``dedicated-node``,
``dedicated-fabric``, ``confidential``. Only public data may sit where time-slicing is
possible. Hardware isolation in the full sense begins at ``dedicated-fabric``.
"""

from __future__ import annotations

from collections.abc import Callable

from pulumi_policy import ResourceValidationArgs

Report = Callable[[str], None]

LEVELS = ("shared", "mig", "dedicated-node", "dedicated-fabric", "confidential")
"""Isolation levels, weak to strong."""

LEAST = {
    "public": "shared",
    "internal": "mig",
    "confidential": "dedicated-node",
    "secret": "dedicated-fabric",
}
"""Data class -> weakest level it may run at."""


def cluster(args: ResourceValidationArgs, report: Report) -> None:
    """Every project of the site; without any there is nobody to isolate from."""
    for project in args.props["projects"]:
        name, level, data = project["name"], project["isolation"], project["dataClass"]
        if data not in LEAST:
            report(f"project {name}: data class {data or 'not given'} is unknown")
        elif level not in LEVELS:
            report(f"project {name}: isolation {level or 'not given'} is unknown")
        elif LEVELS.index(level) < LEVELS.index(LEAST[data]):
            report(
                f"project {name}: {level} is too weak for {data} data: "
                f"at least {LEAST[data]} is required"
            )
        elif LEVELS.index(level) >= LEVELS.index("dedicated-node") and project["slices"]:
            report(f"project {name} is {level} and still asks for slices of shared GPUs")


JUDGES = {"bloomery:cluster:Cluster": cluster}
