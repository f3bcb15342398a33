"""Rule M9: something proves that the BMCs of a pool can be driven."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from bloomery.catalogue import node_model
from bloomery.check.note import Severity
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import NodePlan, Plan

RECORD = "for a proof: bloomery bmc record"


def _unproven(plan: Plan) -> Iterator[Finding]:
    pools: dict[tuple[str, str], list[NodePlan]] = defaultdict(list)
    for node in plan.metal.nodes:
        pools[node.pool, node.model].append(node)
    for (pool, model), nodes in sorted(pools.items()):
        if why := node_model(model).unproven:
            yield Finding(
                subject=f"pool {pool}",
                value=f"{len(nodes)} machine{'s' if len(nodes) > 1 else ''}: {why}",
                limit="recorded trees that pass all an installation needs",
                remedy=_remedy(pool, nodes),
                severity=Severity.WARNING,
            )


def _remedy(pool: str, nodes: list[NodePlan]) -> str:
    if all(node.bmc.allow_unproven for node in nodes):
        return f"allow_unproven lets them be installed: begin with one; {RECORD}"
    return f"pool {pool} needs 'allow_unproven: true' before any is installed; {RECORD}"


RULES = (
    Rule(
        "M9",
        "Something proves that the BMCs of every machine can be driven",
        "bmc.proven_by of the model in the catalogue; docs/bmcs.md",
        _unproven,
    ),
)
