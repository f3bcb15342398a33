"""Rule K1: a run has the machines it needs. K2 to K6 are those of projects and of cost."""

from __future__ import annotations

from collections.abc import Iterator

from bloomery.check import cost, projects
from bloomery.check.note import Severity
from bloomery.check.preconditions import RUNS
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import Plan
from bloomery.runs.kind import RunKind
from bloomery.runs.registry import run_kinds


def _run_lacks_machines(plan: Plan) -> Iterator[Finding]:
    planned = {run.kind for run in plan.runs}
    for name in plan.site.runs:
        kind = run_kinds()[name]
        if name not in planned and any(it.purpose in kind.groups for it in plan.metal.nodes):
            yield Finding(
                subject=f"run {name}",
                value="nothing to run for",
                limit=f"{kind.noun} described in the site",
                remedy=f"describe {kind.noun} in site.yaml, or take {name!r} out of cluster.runs",
            )
            continue
        for purpose in sorted({*kind.minimum, *kind.advised}):
            count, needed = _count(plan, kind, purpose), kind.minimum.get(purpose, 0)
            wanted = max(needed, kind.advised.get(purpose, 0))
            if count >= wanted:
                continue
            yield Finding(
                subject=f"run {name}",
                value=f"{count} {purpose} machines",
                limit=f"at least {wanted}",
                margin=str(count - wanted),
                remedy=f"add {purpose} machines, or take {name!r} out of cluster.runs",
                severity=Severity.WARNING if count >= needed else Severity.ERROR,
            )


def _count(plan: Plan, kind: RunKind, purpose: str) -> int:
    """Machines of a purpose that the runs of a kind know of."""
    runs, group = (run for run in plan.runs if run.kind == kind.name), kind.groups[purpose]
    return len({name for run in runs for name in run.groups.get(group, ())})


RULES = (
    Rule(
        "K1",
        "A run has the machines it needs",
        "the playbooks' groups",
        _run_lacks_machines,
        (RUNS,),
    ),
    *projects.RULES,
    *cost.RULES,
)
