"""Rules K2 to K5: what projects were promised can be kept.

Machines are counted from the delivery list and their figures taken from the plan's models;
the planner's own sums are only compared with what is counted here.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bloomery.check.preconditions import PROJECTS
from bloomery.check.rule import Finding, Rule
from bloomery.plan.model import ModelPlan, Plan, ProjectPlan

WHOLE = ("dedicated-node", "dedicated-fabric", "confidential")
"""Isolation levels whose boundary is the machine."""

APART = ("dedicated-fabric", "confidential")
"""Isolation levels that need numbers of their own in every network."""

NAMED = 5
"""Projects a finding names before it only counts the rest."""


def _models(plan: Plan) -> Mapping[str, ModelPlan | None]:
    """Pool -> model of its machines; None where the pool has no machine."""
    models = {model.key: model for model in plan.metal.models}
    of_pool = {node.pool: models.get(node.model) for node in plan.metal.nodes}
    return defaultdict(lambda: None, of_pool)


def _claims(plan: Plan) -> Mapping[str, list[ProjectPlan]]:
    claims: dict[str, list[ProjectPlan]] = defaultdict(list)
    for project in plan.cluster.projects:
        claims[project.pool].append(project)
    return claims


def _nodes_short(plan: Plan) -> Iterator[Finding]:
    there = Counter(node.pool for node in plan.metal.nodes)
    models = _models(plan)
    for pool, projects in sorted(_claims(plan).items()):
        parts = _parts(projects, models[pool])
        needed = sum(nodes for nodes, _ in parts)
        if needed > there[pool]:
            yield Finding(
                subject=f"pool {pool}",
                value=f"{needed} machines: " + ", ".join(text for nodes, text in parts if nodes),
                limit=f"{there[pool]} machines",
                margin=f"{there[pool] - needed} machines",
                remedy=f"{needed - there[pool]} more machines, or lower the guarantees of "
                + _largest(projects),
            )


def _parts(projects: Sequence[ProjectPlan], model: ModelPlan | None) -> list[tuple[int, str]]:
    """Machines each kind of promise takes, and how to say it."""
    if model is None or not model.gpus:
        return []
    whole = [it for it in projects if it.isolation in WHOLE]
    alone = sum(math.ceil(it.gpus / model.gpus) for it in whole)
    slices = sum(it.slices for it in projects)
    cut = math.ceil(slices / model.mig_slices) if model.mig_slices else 0
    gpus = sum(it.gpus for it in projects if it.isolation == "shared")
    return [
        (alone, f"{alone} for {len(whole)} dedicated projects"),
        (cut, f"{cut} for {slices} slices of {model.mig_slices} per machine"),
        (math.ceil(gpus / model.gpus), f"{math.ceil(gpus / model.gpus)} for {gpus} shared GPUs"),
    ]


def _largest(projects: Sequence[ProjectPlan]) -> str:
    ordered = sorted(projects, key=lambda it: (-max(it.gpus, it.slices), it.index))
    rest = len(ordered) - NAMED
    named = ", ".join(project.name for project in ordered[:NAMED])
    return f"{named} and {rest} others" if rest > 0 else named


def _infeasible(plan: Plan) -> Iterator[Finding]:
    models = _models(plan)
    for project in plan.cluster.projects:
        model = models[project.pool]
        asks = f"{project.slices} slices" if project.slices else f"{project.gpus} GPUs"
        lacks = _lacks(project, model)
        if lacks:
            yield Finding(
                subject=f"project {project.name}",
                value=f"{asks}, {project.isolation}",
                limit=lacks,
                remedy="choose another pool or isolation; a missing figure of the model"
                " goes into the catalogue with its source, or into the pool",
            )


def _lacks(project: ProjectPlan, model: ModelPlan | None) -> str:
    """What the machines of its pool cannot do for it; empty when they can."""
    if not project.gpus and not project.slices:
        return ""
    if model is None:
        return f"pool {project.pool} has no machine of a known model"
    if not model.gpus:
        return f"{model.key} has no GPU"
    if project.slices and not model.mig_slices:
        return f"{model.key} has no known MIG slices"
    return ""


def _sums(plan: Plan) -> Iterator[Finding]:
    """The table people read must be the one that was judged."""
    there = Counter(node.pool for node in plan.metal.nodes)
    models, claims = _models(plan), _claims(plan)
    said = {row.pool: row for row in plan.cluster.capacity}
    for pool in sorted(claims.keys() | said.keys()):
        model, row = models[pool], said.get(pool)
        gpus, slices = (model.gpus, model.mig_slices) if model else (0, 0)
        counted = (
            there[pool],
            sum(nodes for nodes, _ in _parts(claims[pool], model)),
            there[pool] * gpus,
            there[pool] * slices,
            sum(project.slices for project in claims[pool]),
        )
        told = (
            (row.nodes, row.nodes_needed, row.gpus, row.slices, row.slices_needed) if row else None
        )
        if told != counted:
            yield Finding(
                subject=f"pool {pool}",
                value=f"machines, needed, GPUs, slices, slices needed: {told}",
                limit=str(counted),
                remedy="run the plan again: capacity does not match machines and guarantees",
            )


def _numbers(plan: Plan) -> Iterator[Finding]:
    holders: dict[int, list[str]] = defaultdict(list)
    for project in plan.cluster.projects:
        holders[project.index].append(project.name)
    for index, names in holders.items():
        if len(names) > 1:
            yield Finding(
                subject=", ".join(names),
                value=f"id {index} assigned {len(names)} times",
                limit="unique: networks of projects are derived from it",
                remedy="give each project a unique id that was never used before",
            )
    numbered = {tenant.project for tenant in plan.fabric.tenants}
    for project in plan.cluster.projects:
        if project.isolation in APART and project.name not in numbered:
            yield Finding(
                subject=f"project {project.name}",
                value=f"{project.isolation} without a network of its own",
                limit="a partition key and a VNI of its own",
                remedy="describe the fabric of the site, or choose dedicated-node",
            )


RULES = (
    Rule(
        "K2",
        "Guaranteed quotas fit the machines of their pool",
        "delivery list; GPUs and slices of the catalogue",
        _nodes_short,
        (PROJECTS,),
    ),
    Rule(
        "K3",
        "The machines of a pool support the isolation and slices guaranteed to projects",
        "GPUs of the catalogue; NVIDIA Multi-Instance GPU User Guide, Supported GPUs",
        _infeasible,
        (PROJECTS,),
    ),
    Rule(
        "K4",
        "Planned capacity matches machines and guarantees",
        "delivery list",
        _sums,
        (PROJECTS,),
    ),
    Rule(
        "K5",
        "A project has a unique id, and its own network where guaranteed",
        "projects[].id of site.yaml; tenants of the fabric's plan",
        _numbers,
        (PROJECTS,),
    ),
)
