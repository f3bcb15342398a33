"""Declared names that no machine of a pool bears out: more likely wrong than every cable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bloomery.check.wiring import Miswiring
from bloomery.plan.model import HostPortsPlan, Plan


def doubted_names(plan: Plan, findings: Sequence[Miswiring]) -> Iterator[tuple[HostPortsPlan, int]]:
    """Names of a pool's ports in a network in which all of its machines have a wrong cable, and how
    many machines these are. One machine alone proves nothing."""
    pools = {node.name: node.pool for node in plan.metal.nodes}
    for known in plan.fabric.host_ports:
        cabled = {
            cable.a_device
            for cable in plan.fabric.cables
            if cable.network == known.network and pools.get(cable.a_device) == known.pool
        }
        wrong = {
            end.device
            for finding in findings
            if finding.network == known.network and finding.seen
            for link in (*finding.planned, *finding.seen)
            for end in link
        }
        if len(cabled) > 1 and cabled <= wrong:
            yield known, len(cabled)
