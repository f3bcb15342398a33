"""Changes of software as short text: what changes alike stands in one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bloomery.plan.software.changes import EFFECTS, SoftwareChange
from bloomery.plan.software.steps import Effect

TAKES: dict[Effect, str] = {"none": "no interruption", "restart": "services restart",
                            "reboot": "reboot"}  # fmt: skip
"""Effect -> how it reads."""


@dataclass(frozen=True)
class Alike:
    """Changes of one kind, with the same value before and after."""

    what: str
    names: tuple[str, ...]
    before: str
    after: str
    effect: Effect


def alike(found: Iterable[SoftwareChange]) -> tuple[Alike, ...]:
    """The changes, those that differ in their name only as one; in the order of the first."""
    groups: dict[tuple[str, str, str, Effect], list[str]] = {}
    for change in found:
        # Of what has no version the name itself came or went.
        came, went = change.name == change.after, change.name == change.before
        before, after = "" if went else change.before, "" if came else change.after
        what = f"{change.what} {'added' if came else 'removed'}" if came or went else change.what
        groups.setdefault((what, before, after, change.effect), []).append(change.name)
    return tuple(
        Alike(what, tuple(names), before, after, effect)
        for (what, before, after, effect), names in groups.items()
    )


def lines(found: Iterable[SoftwareChange]) -> Iterator[str]:
    """One line for changes that are alike; first those that take most."""
    for one in sorted(alike(found), key=lambda it: -EFFECTS.index(it.effect)):
        what = "" if one.what == "package" else f"{one.what} "
        move = f" {one.before or 'none'} -> {one.after or 'none'}"
        value = move if one.before or one.after else ""
        yield f"{one.effect:<8} {what}{', '.join(one.names)}{value}"
