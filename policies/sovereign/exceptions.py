"""Exceptions: a finding that somebody answers for until a day.

One file each in ``exceptions/``, reviewed like any other change of the pack::

    rule: spare-power-and-cooling
    site: kyiv                 # name of the stack
    subject: kyiv              # name of the resource; "*" for all of them
    owner: head of facility    # a role, not a person
    reason: the second feed of row B is connected in March
    ends: 2027-03-31           # last day it holds

Past its end an exception is a finding itself, until it is renewed or removed.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from sheet import HERE, PackError

FIELDS = ("rule", "site", "subject", "owner", "reason", "ends")
"""Keys of an exception; every one is needed."""

EVERY = "*"
"""Subject that stands for every resource of the site."""


@dataclass(frozen=True)
class Waiver:
    """One exception."""

    file: str
    rule: str
    site: str
    subject: str
    owner: str
    reason: str
    ends: datetime.date
    """Last day it holds."""

    def covers(self, rule: str, urn: str) -> bool:
        """Whether it is about what ``rule`` found of the resource ``urn``."""
        _, _, rest = urn.partition("urn:pulumi:")
        stack, *_, name = rest.split("::")
        subject = self.subject in (EVERY, name)
        return self.rule == rule and self.site == stack and subject

    def expired(self, today: datetime.date) -> bool:
        """Whether its last day is over."""
        return today > self.ends


def read_waivers(rules: Collection[str], folder: Path = HERE / "exceptions") -> tuple[Waiver, ...]:
    """All exceptions. Raises PackError with every fault of every file."""
    faults: list[str] = []
    waivers: list[Waiver] = []
    for path in sorted(folder.glob("*.yaml")):
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = [f"exceptions/{path.name}: {fault}" for fault in _faults(said, rules)]
        faults += found
        if not found:
            texts = {key: str(said[key]) for key in FIELDS if key != "ends"}
            waivers.append(Waiver(file=path.name, ends=said["ends"], **texts))
    if faults:
        raise PackError("\n".join(faults))
    return tuple(waivers)


def _faults(said: object, rules: Collection[str]) -> Iterator[str]:
    if not isinstance(said, dict):
        yield "no mapping"
        return
    yield from (f"{key} is missing" for key in FIELDS if not said.get(key))
    yield from (f"unknown key {key!r}" for key in said if key not in FIELDS)
    if said.get("rule") and said["rule"] not in rules:
        yield f"unknown rule {said['rule']!r}; rules: {', '.join(sorted(rules))}"
    ends = said.get("ends")
    if ends and (not isinstance(ends, datetime.date) or isinstance(ends, datetime.datetime)):
        yield f"ends is {ends!r}, not a day as 2027-03-31"
