"""Rule K1: a run has the machines it needs. K2 to K6 are those of projects and of cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bloomery.check import cost, projects
from bloomery.check.note import Severity
from bloomery.check.preconditions import RUNS
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import Plan

NEEDED: Mapping[str, Mapping[str, int]] = {
    "base": {"management": 1},
    "slurm": {"management": 1, "training": 1},
    "train": {"management": 1, "training": 1},
    "serve": {"serving": 1},
}
"""Run -> machines of each purpose it cannot do without; all keep time by a management machine."""

DISTRIBUTED = 2
"""Training machines below which nothing is distributed and the proof job proves less."""


def _run_lacks_machines(plan: Plan) -> Iterator[Finding]:
    for run in plan.cluster.runs:
        for purpose, needed in NEEDED.get(run.name, {}).items():
            count = len(run.groups.get(purpose, ()))
            alone = run.name == "train" and purpose == "training" and count < DISTRIBUTED
            if count >= needed and not alone:
                continue
            yield Finding(
                subject=f"run {run.name}",
                value=f"{count} {purpose} machines",
                limit=f"at least {max(needed, DISTRIBUTED) if alone else needed}",
                margin=str(count - (DISTRIBUTED if alone else needed)),
                remedy=f"add {purpose} machines, or take {run.name!r} out of cluster.runs",
                severity=Severity.WARNING if count >= needed else Severity.ERROR,
            )


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
