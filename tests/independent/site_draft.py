"""A site that is being made up: what is drawn so far, and the dice."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random


@dataclass
class Draft:
    """One site while it is made up."""

    random: Random
    sheet: dict[str, object] = field(default_factory=dict)
    racks: list[str] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)
    pools: list[str] = field(default_factory=list)
    stands: int = 0
    switch_racks: list[str] = field(default_factory=list)

    def chance(self, of_ten: int) -> bool:
        return self.random.randrange(10) < of_ten

    def pick(self, *options: object) -> object:
        return self.random.choice(options)
