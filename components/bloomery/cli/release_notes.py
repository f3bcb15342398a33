"""Notes on the sets of a release, as few as say the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from bloomery.check import Note
from bloomery.plan.model import SoftwarePlan


def condensed(notes: Sequence[Note], sets: Sequence[SoftwarePlan]) -> tuple[Note, ...]:
    """Notes that differ in their set only become one: ``dgx-h100`` where it is so of all sets of
    the model, ``dgx-h100 (vm)`` where it is so of one mode."""
    by_name = {one.name: one for one in sets}
    of_model: dict[str, list[SoftwarePlan]] = defaultdict(list)
    for one in sets:
        of_model[one.model].append(one)
    groups: dict[Note, list[str]] = defaultdict(list)
    for note in notes:
        groups[replace(note, subject="")].append(note.subject)
    return tuple(
        replace(note, subject=", ".join(_subjects(names, by_name, of_model)))
        for note, names in groups.items()
    )


def _subjects(
    names: Sequence[str],
    by_name: Mapping[str, SoftwarePlan],
    of_model: Mapping[str, Sequence[SoftwarePlan]],
) -> Iterator[str]:
    found: dict[str, list[SoftwarePlan]] = defaultdict(list)
    for name in names:
        if name in by_name:
            found[by_name[name].model].append(by_name[name])
        else:
            yield name  # a model
    for model, sets in found.items():
        yield model if len(sets) == len(of_model[model]) else f"{model} ({_which(sets)})"


def _which(sets: Collection[SoftwarePlan]) -> str:
    """Purposes and modes, as far as they tell the sets apart from the rest."""
    purposes = dict.fromkeys(one.purpose for one in sets)
    modes = dict.fromkeys(one.mode for one in sets)
    if len(purposes) > 1 and len(modes) == 1:
        return next(iter(modes))
    if len(modes) > 1 and len(purposes) == 1:
        return next(iter(purposes))
    return ", ".join(f"{one.purpose} {one.mode}" for one in sets)
