"""Every run there is, found by its file, in the order in which runs need each other."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter

import bloomery.runs
from bloomery.nouns import BASE_PURPOSE, CARRYING, LAYERS, layer_of
from bloomery.runs.kind import RunKind


@cache
def run_kinds() -> Mapping[str, RunKind]:
    """Name -> kind; a run stands after those it needs. Raises ValueError on a wrong file."""
    found: list[RunKind] = []
    for module in pkgutil.iter_modules(bloomery.runs.__path__):
        kind = getattr(importlib.import_module(f"bloomery.runs.{module.name}"), "RUN", None)
        if not isinstance(kind, RunKind):
            continue  # this file, or the declaration of a kind
        if kind.name.replace("-", "_") != module.name:
            raise ValueError(
                f"runs/{module.name}.py declares run {kind.name!r}: give both one name"
            )
        found.append(kind)
    return ordered(found)


def ordered(kinds: Iterable[RunKind]) -> Mapping[str, RunKind]:
    """The same kinds by name, each after those it needs; by name where nothing decides.

    Raises ValueError for a need that nothing declares or that comes up later, for machines that
    do, and for needs that form a circle.
    """
    by_name = {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.name)}
    for kind in by_name.values():
        unknown = [name for name in kind.needs if name not in by_name]
        if unknown:
            raise ValueError(f"run {kind.name!r} needs {unknown[0]!r}, which is no run")
        _refuse_what_comes_later(kind, by_name)
    sorter = TopologicalSorter({name: kind.needs for name, kind in by_name.items()})
    order: list[str] = []
    try:
        sorter.prepare()
        while sorter.is_active():
            layer = sorted(sorter.get_ready())
            order += layer
            sorter.done(*layer)
    except CycleError as error:
        raise ValueError(
            f"runs need each other in a circle: {' -> '.join(error.args[1])}"
        ) from None
    return {name: by_name[name] for name in order}


def _refuse_what_comes_later(kind: RunKind, by_name: Mapping[str, RunKind]) -> None:
    """Layers come up one after another: a run finds only what is of its own or a lower one."""
    if kind.noun not in LAYERS:
        raise ValueError(f"run {kind.name!r} is of {kind.noun!r}, which is no noun: see nouns.py")
    for purpose in sorted(kind.groups):
        if kind.noun in CARRYING and purpose != BASE_PURPOSE:
            raise ValueError(
                f"run {kind.name!r} of {kind.noun!r} is for {purpose} machines, which come up later"
            )
    for name in kind.needs:
        if _first_layer(by_name[name]) > LAYERS.index(kind.noun):
            noun = by_name[name].noun
            raise ValueError(f"run {kind.name!r} needs {name!r} of {noun!r}, which comes up later")


def _first_layer(kind: RunKind) -> int:
    """Place of the lowest layer in which the kind has runs."""
    return min(LAYERS.index(layer_of(kind.noun, purpose)) for purpose in kind.groups)
