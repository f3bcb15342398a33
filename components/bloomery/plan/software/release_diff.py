"""Two releases compared, model by model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.catalogue import Release
from bloomery.plan.model import SoftwarePlan
from bloomery.plan.software.changes import SoftwareChange, changes, most
from bloomery.plan.software.solve import solve
from bloomery.plan.software.steps import Effect, place
from bloomery.plan.software.target import targets


@dataclass(frozen=True)
class ModelDiff:
    """What changes on machines of one model, over all purposes and node modes."""

    model: str
    there: str
    """``both``, ``old`` or ``new``: which of the releases lists the model."""
    effect: Effect
    """The most that any of the changes takes."""
    changes: tuple[SoftwareChange, ...]
    """Packages in the order of installation, then the rest. Empty of a model that one of them
    lists: there is nothing to compare with."""


def release_diff(old: Release, new: Release, model: str = "") -> tuple[ModelDiff, ...]:
    """By model; ``model`` asks for one of them alone."""
    before, after = _sets(old), _sets(new)
    models = sorted({it for it, *_ in (*before, *after) if model in ("", it)})
    return tuple(_model(it, before, after) for it in models)


Sets = Mapping[tuple[str, str, str], SoftwarePlan]
"""Model, purpose and mode -> its set."""


def _sets(release: Release) -> Sets:
    made = (solve(release, target) for target in targets(release))
    return {(one.model, one.purpose, one.mode): one for one in made if one}


def _model(model: str, before: Sets, after: Sets) -> ModelDiff:
    was = {key: one for key, one in before.items() if key[0] == model}
    now = {key: one for key, one in after.items() if key[0] == model}
    if not was or not now:
        return ModelDiff(model, "old" if was else "new", "none", ())
    found = dict.fromkeys(
        change
        for key in sorted(was.keys() | now.keys())
        for change in changes(was.get(key), now.get(key))
    )
    ordered = sorted(found, key=lambda it: place(it.step))
    return ModelDiff(model, "both", most(ordered), tuple(ordered))
