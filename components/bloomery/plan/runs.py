"""What runs on the machines: the chosen kinds, one run plan for each thing they are for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from bloomery.catalogue import release
from bloomery.nouns import LAYERS, layer_of
from bloomery.plan.model import NodePlan, Plan, RunPlan
from bloomery.runs.kind import RunKind, Value
from bloomery.runs.registry import run_kinds
from bloomery.site import Site

HAS: Mapping[str, Callable[[Plan], object]] = {
    "fabric": lambda plan: plan.fabric.networks,
    "cooling": lambda plan: plan.cooling.loops,
    "storage": lambda plan: plan.storage.tiers,
}
"""Noun -> what a site has of it. Where it has nothing there is no component, and nothing to run."""


def plan_runs(site: Site, plan: Plan) -> tuple[RunPlan, ...]:
    """Runs of ``site`` layer by layer, in each by their needs; ``plan`` is all but the runs."""
    made = [run for kind in chosen_kinds(site) for run in _runs(site, plan, kind)]
    made.sort(key=lambda run: LAYERS.index(run.layer))  # stable: needs keep their order
    return tuple(made)


def chosen_kinds(site: Site) -> tuple[RunKind, ...]:
    """Kinds the site names, each after those it needs."""
    chosen = site.cluster.runs if site.cluster else ()
    return tuple(kind for name, kind in run_kinds().items() if name in chosen)


def _runs(site: Site, plan: Plan, kind: RunKind) -> Iterator[RunPlan]:
    for thing, layer, nodes in _things(plan, kind):
        if nodes:
            yield _run(site, plan, kind, thing, layer, nodes)


def _things(plan: Plan, kind: RunKind) -> Iterator[tuple[str, str, Sequence[NodePlan]]]:
    """What a kind runs for: name, layer and machines. Metal runs pool by pool, so that a pool can
    have values of its own and waits for no other; the rest once over the whole site.
    """
    nodes = [node for node in plan.metal.nodes if node.purpose in kind.groups]
    if kind.noun != "metal":
        has = HAS.get(kind.noun)
        if has is None or has(plan):
            yield "", kind.noun, nodes
        return
    for pool, purpose in dict.fromkeys((node.pool, node.purpose) for node in nodes):
        yield pool, layer_of("metal", purpose), [node for node in nodes if node.pool == pool]


def _run(
    site: Site, plan: Plan, kind: RunKind, thing: str, layer: str, nodes: Sequence[NodePlan]
) -> RunPlan:
    values = {node.name: _variables(site, plan, kind, node) for node in nodes}
    shared = _shared(list(values.values()))
    beyond = {
        name: {key: value for key, value in found.items() if key not in shared}
        for name, found in values.items()
    }
    return RunPlan(
        name=_name(kind, thing),
        kind=kind.name,
        noun=kind.noun,
        layer=layer,
        playbook=kind.playbook or kind.name,
        hosts=tuple(values),
        groups=_groups(plan, kind, values.keys()),
        needs=tuple(_needs(site, plan, kind, thing, layer)),
        vars=shared,
        host_vars={name: found for name, found in beyond.items() if found},
        thing=thing,
        reads=kind.reads,
        derived_secrets=kind.derived_secrets,
        ships=kind.ships,
        proof=kind.proof,
    )


def _name(kind: RunKind, thing: str) -> str:
    return f"{kind.name}-{thing}" if thing else kind.name


def _groups(plan: Plan, kind: RunKind, hosts: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Inventory of the run: as far as its templates read, and no further."""
    found: dict[str, list[str]] = {}
    for node in plan.metal.nodes:
        group = kind.groups.get(node.purpose, node.purpose if kind.reads == "all" else "")
        if group and (kind.reads != "none" or node.name in hosts):
            found.setdefault(group, []).append(node.name)
    return {group: tuple(names) for group, names in sorted(found.items())}


def _needs(site: Site, plan: Plan, kind: RunKind, thing: str, layer: str) -> Iterator[str]:
    """Runs of the kinds it needs: those of lower layers, and in its own layer those of the whole
    site or of the same thing, so that no pool waits for another.
    """
    for need in chosen_kinds(site):
        for other, below, nodes in _things(plan, need) if need.name in kind.needs else ():
            beside = below == layer and other in ("", thing)
            if nodes and (beside or LAYERS.index(below) < LAYERS.index(layer)):
                yield _name(need, other)


def _variables(site: Site, plan: Plan, kind: RunKind, node: NodePlan) -> Mapping[str, Value]:
    every: dict[str, Value] = {
        "site": site.name,
        "depot_url": site.depot.url,
        "depot_suite": release(site.release).suite,
    }
    return {**every, **kind.variables(site, plan, node)}


def _shared(values: Sequence[Mapping[str, Value]]) -> Mapping[str, Value]:
    """What every host is told alike, in the order of the first."""
    first, *others = values
    return {
        key: value
        for key, value in first.items()
        if all(key in other and _same(other[key], value) for other in others)
    }


def _same(one: Value, two: Value) -> bool:
    """Equal and of one type: to Ansible 1 and true are different values."""
    return type(one) is type(two) and one == two
