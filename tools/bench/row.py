"""One line of a bench: what was measured, against what, and whether it is good enough."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["pass", "fail", "no target", "not measured"]
"""``no target`` is a figure worth watching that nothing was promised about."""


class BenchError(Exception):
    """A bench could not measure. Its text becomes the row's reason."""


@dataclass(frozen=True)
class Spread:
    """Least, middle and greatest of the rounds."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Spread of at least one value."""
        return cls(min(values), statistics.median(values), max(values))


@dataclass(frozen=True)
class Figure:
    """Values of one side, one a round, in ``unit``."""

    values: tuple[float, ...]
    unit: str

    @property
    def middle(self) -> float:
        """Median of the rounds."""
        return statistics.median(self.values)


@dataclass(frozen=True)
class Target:
    """An upper limit on the ratio, or on our own figure."""

    limit: float
    of: Literal["ratio", "ours"] = "ratio"
    strict: bool = False
    """True where the limit itself is too much."""

    def met(self, value: float) -> bool:
        """Whether ``value`` is good enough."""
        return value < self.limit if self.strict else value <= self.limit


@dataclass(frozen=True)
class Row:
    """One measurement. Without ``ours`` nothing was measured, and ``note`` says why."""

    what: str
    size: str
    ours: Figure | None = None
    theirs: Figure | None = None
    target: Target | None = None
    note: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)
    """More figures for the JSON file."""

    @property
    def ratio(self) -> Spread | None:
        """Ours through theirs, round by round; None without a counterpart.

        Sides with as many rounds were measured in pairs. Otherwise every value of ours is
        held against the middle of theirs.
        """
        if self.ours is None or self.theirs is None:
            return None
        ours, theirs = self.ours.values, self.theirs.values
        if len(ours) != len(theirs):
            theirs = (self.theirs.middle,) * len(ours)
        return Spread.of([one / other for one, other in zip(ours, theirs, strict=True)])

    @property
    def verdict(self) -> Outcome:
        """Held against the target by the middle of the rounds."""
        if self.ours is None:
            return "not measured"
        if self.target is None:
            return "no target"
        ratio = self.ratio
        if self.target.of == "ours":
            value = self.ours.middle
        elif ratio is not None:
            value = ratio.middle
        else:
            return "not measured"
        return "pass" if self.target.met(value) else "fail"

    def as_dict(self) -> dict[str, object]:
        """Plain values, every round included."""
        ratio, target = self.ratio, self.target
        return {
            "what": self.what,
            "size": self.size,
            "ours": _plain(self.ours),
            "theirs": _plain(self.theirs),
            "ratio": {"min": ratio.low, "median": ratio.middle, "max": ratio.high}
            if ratio
            else None,
            "target": {"limit": target.limit, "of": target.of, "strict": target.strict}
            if target
            else None,
            "verdict": self.verdict,
            "note": self.note,
            **({"extra": dict(self.extra)} if self.extra else {}),
        }


def _plain(figure: Figure | None) -> dict[str, object] | None:
    if figure is None:
        return None
    return {"values": list(figure.values), "median": figure.middle, "unit": figure.unit}


def unmeasured(what: str, size: str, why: str) -> Row:
    """A row that says that, and why, nothing was measured."""
    return Row(what, size, note=why)
