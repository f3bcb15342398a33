"""What does not agree, collected line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

ROUNDING = 0.0011
"""Sums in the plan are rounded to the third decimal, and some are shares rounded at the sixth."""


class Ledger:
    """Compares, and writes down what differs."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def same(self, where: str, planned: object, derived: object) -> None:
        """Both must be equal."""
        if isinstance(derived, Fraction):
            derived = float(derived)
        if planned != derived:
            self.lines.append(f"{where}: plan {planned!r}, derived {derived!r}")

    def near(
        self, where: str, planned: object, derived: float | Fraction, within: float = ROUNDING
    ) -> None:
        """Both must be equal within rounding; a sum of rounded figures needs more of it."""
        assert isinstance(planned, int | float)
        if not abs(planned - float(derived)) <= within + 1e-9 * abs(float(derived)):
            self.lines.append(f"{where}: plan {planned!r}, derived {float(derived)!r}")

    def fields(self, where: str, planned: Mapping[str, object], **derived: object) -> None:
        """Fields of one thing; numbers that were computed are compared within rounding."""
        for key, value in derived.items():
            if isinstance(value, Fraction) or type(value) is float:
                self.near(f"{where}.{key}", planned[key], value)
            else:
                self.same(f"{where}.{key}", planned[key], value)

    def once(self, where: str, found: Iterable[object]) -> None:
        """Nothing may be there twice."""
        seen: set[object] = set()
        for item in found:
            if item in seen:
                self.lines.append(f"{where}: {item!r} is there twice")
            seen.add(item)

    def named(
        self, where: str, planned: Sequence[Mapping[str, object]], derived: Iterable[str]
    ) -> dict[str, Mapping[str, object]]:
        """Things by name; both sides must have the same names, each once."""
        self.once(where, (str(it["name"]) for it in planned))
        found = {str(it["name"]): it for it in planned}
        wanted = set(derived)
        for name in sorted(set(found) ^ wanted):
            self.lines.append(f"{where}: {name!r} is {'missing' if name in wanted else 'extra'}")
        return {name: it for name, it in found.items() if name in wanted}
