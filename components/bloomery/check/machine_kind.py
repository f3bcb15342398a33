"""Rule M6: a lab holds virtual machines, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator

from bloomery.catalogue import node_model
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import Plan


def _wrong_kind(plan: Plan) -> Iterator[Finding]:
    wanted = "a virtual model" if plan.site.lab else "a metal model"
    for node in plan.metal.nodes:
        virtual = node_model(node.model).virtual
        if (virtual != "none") != plan.site.lab:
            yield Finding(
                subject=node.name,
                value=f"{node.model} ({'metal' if virtual == 'none' else 'virtual'})",
                limit=wanted,
                remedy="change the model of its pool, or 'lab' in site.yaml",
            )


RULES = (
    Rule(
        "M6",
        "Virtual models are used only in a lab, metal models only outside one",
        "the lab brings up virtual models only; a virtual model lacks properties that metal needs",
        _wrong_kind,
    ),
)
