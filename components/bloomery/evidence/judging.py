"""Several outcomes joined into one: the worst wins, and nothing is never a pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bloomery.records import Outcome

_RANK = (Outcome.FAIL, Outcome.NOT_MEASURED, Outcome.PASS)


@dataclass(frozen=True)
class Part:
    """One of the things an overall outcome rests on."""

    name: str
    """``update``, ``policies``, ``acceptance`` or ``provenance``."""
    outcome: Outcome
    reason: str = ""
    """Why, in one line; empty for a plain pass."""


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Fail before not measured before pass. Nothing at all is not measured."""
    found = set(outcomes)
    return next((outcome for outcome in _RANK if outcome in found), Outcome.NOT_MEASURED)


def tally(outcomes: Iterable[Outcome]) -> dict[Outcome, int]:
    """How often each outcome occurs, all three always there."""
    counts = dict.fromkeys((Outcome.PASS, Outcome.FAIL, Outcome.NOT_MEASURED), 0)
    for outcome in outcomes:
        counts[outcome] += 1
    return counts
