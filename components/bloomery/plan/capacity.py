"""What the projects were promised against the machines of each pool.

Isolation decides what a promise takes. ``dedicated-node``, ``dedicated-fabric`` and
``confidential`` take whole machines: a GPU left over on one belongs to nobody else, and a
confidential machine is one virtual machine with all its GPUs. MIG slices are packed, and
so are the GPUs of ``shared`` projects, each kind on machines of its own: a GPU that is cut
cannot be promised whole, and machines are cut and whole by their purpose, not by chance.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bloomery.catalogue import NodeModel, node_model
from bloomery.plan.model import CapacityPlan, MetalPlan, ProjectPlan
from bloomery.site import Site
from bloomery.site.cluster.sheet import ALONE, Project


@dataclass(frozen=True)
class MachineShares:
    """What one machine of a model can be divided into."""

    gpus: int
    slices: int
    """MIG slices of all its GPUs; 0 where no source says that they can be cut."""


def machine_shares(model: NodeModel) -> MachineShares:
    """The shares of ``model``. A model without GPUs, or not known to be cut, has zeros."""
    gpus = int(model.gpus.value) if model.gpus else 0
    return MachineShares(gpus, gpus * int(model.mig_per_gpu.value) if model.mig_per_gpu else 0)


def nodes_of(isolation: str, gpus: int, machine: MachineShares) -> int:
    """Whole machines a project takes; 0 where machines are shared, or hold no GPU."""
    if isolation not in ALONE or not machine.gpus:
        return 0
    return _ceil(gpus, machine.gpus)


def plan_projects(site: Site) -> tuple[ProjectPlan, ...]:
    """Projects in the order of their ids."""
    shares = {pool.name: machine_shares(node_model(pool.model)) for pool in site.pools}
    ordered = sorted(site.projects, key=lambda project: project.id)
    return tuple(_project(project, shares) for project in ordered)


def _project(project: Project, shares: Mapping[str, MachineShares]) -> ProjectPlan:
    return ProjectPlan(
        name=project.name,
        index=project.id,
        isolation=project.isolation,
        data_class=project.data_class,
        pool=project.pool,
        gpus=project.gpus,
        slices=project.slices,
        nodes=nodes_of(project.isolation, project.gpus, shares[project.pool]),
        storage_tb=project.storage_tb or 0.0,
        tier=project.tier or "",
        jobs=project.jobs or 0,
        owner=project.owner,
        ends=project.ends or "",
    )


def plan_capacity(
    site: Site, metal: MetalPlan, projects: Sequence[ProjectPlan]
) -> tuple[CapacityPlan, ...]:
    """Each pool that projects use: what there is, and what their guarantees need."""
    machines = Counter(node.pool for node in metal.nodes)
    claims: dict[str, list[ProjectPlan]] = {}
    for project in projects:
        claims.setdefault(project.pool, []).append(project)
    return tuple(
        _capacity(pool.name, pool.model, machines[pool.name], claims[pool.name])
        for pool in sorted(site.pools, key=lambda pool: pool.name)
        if pool.name in claims
    )


def _capacity(
    pool: str, model: str, machines: int, projects: Sequence[ProjectPlan]
) -> CapacityPlan:
    machine = machine_shares(node_model(model))
    whole = sum(project.nodes for project in projects)
    slices = sum(project.slices for project in projects)
    shared = sum(project.gpus for project in projects if project.isolation == "shared")
    return CapacityPlan(
        pool=pool,
        nodes=machines,
        nodes_needed=whole + _ceil(slices, machine.slices) + _ceil(shared, machine.gpus),
        gpus=machines * machine.gpus,
        gpus_needed=sum(project.gpus for project in projects)
        + _ceil(slices, machine.slices // machine.gpus if machine.gpus else 0),
        slices=machines * machine.slices,
        slices_needed=slices,
        model=model,
    )


def _ceil(amount: int, size: int) -> int:
    """Pieces of ``size`` that hold ``amount``; 0 where there is no such piece: K3 says so."""
    return math.ceil(amount / size) if size else 0
