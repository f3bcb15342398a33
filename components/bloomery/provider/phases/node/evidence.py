"""Nothing that destroys data is begun on a BMC that nothing proves to do what it is told."""

from __future__ import annotations

from bloomery.provider.phases.node.work import NodeWork
from bloomery.provider.phases.work import Stuck


def respect_evidence(work: NodeWork, changed: str = "") -> None:
    """Raise Stuck before a step that destroys data, where neither a recording nor the site stands
    for the machine's BMC. ``changed`` says what was changed until then.
    """
    node = work.node
    if not node.bmc.unproven or node.bmc.allow_unproven:
        return
    reason = f"not installed, as it is unproven: {node.bmc.unproven}"
    raise Stuck(
        work.phase,
        f"{reason}; {changed}" if changed else reason,
        f"set allow_unproven: true of pool {node.pool} in site.yaml, then pulumi up; for a proof:"
        f" bloomery bmc record {node.name} FOLDER --site {work.setting.site} (docs/bmcs.md)",
    )
