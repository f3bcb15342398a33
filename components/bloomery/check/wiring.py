"""Observed cables compared with the cables of the plan: each difference with its ports.

A port is known by what is printed on it (``p07/2``) or by its logical number (``14``, ``P14``).
Names an operating system gives its ports are not guessed. Dark cables may be missing: nothing
answers at their far end.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bloomery.check.observed import End, Seen
from bloomery.plan.model import Cable, Plan

Kind = Literal["swapped", "miswired", "missing", "extra"]
"""``swapped``: two cables have exchanged one end. ``miswired``: a port of the plan goes elsewhere.
``missing``: neither end was seen. ``extra``: neither end is in the plan."""

Link = tuple[End, End]
"""Both ends of a cable, lower end first where the plan knows it."""

NUMBER = re.compile(r"[Pp]?0*(\d+)")
"""A logical port: ``14``, ``P14``; IBDM writes the second."""


@dataclass(frozen=True)
class Miswiring:
    """One thing that is not as planned."""

    kind: Kind
    planned: tuple[Link, ...]
    """Cables of the plan it concerns."""
    seen: tuple[Link, ...]
    """What was seen in their place."""
    lines: tuple[int, ...] = ()
    """Lines of the observed list."""

    def __str__(self) -> str:
        planned = " and ".join(f"{a} to {b}" for a, b in self.planned)
        seen = " and ".join(f"{a} to {b}" for a, b in self.seen)
        return f"{self.kind}: planned {planned or 'nothing'}; observed {seen or 'nothing'}"


@dataclass(frozen=True)
class Comparison:
    """Everything that was found."""

    planned: int
    """Cables of the plan that were looked for, without dark ones."""
    right: int
    """Cables seen as planned."""
    findings: tuple[Miswiring, ...]


def compare(plan: Plan, seen: Sequence[Seen], network: str = "") -> Comparison:
    """Findings in the order of the plan's cables, extra cables last.

    ``network`` limits it to the cables of one network, planned and seen; an empty one means all.
    """
    cables = [c for c in plan.fabric.cables if not network or c.network == network]
    wanted = _Wanted.of(cables)
    names = _names(cables)
    others = _names([c for c in plan.fabric.cables if network and c.network != network])
    links = _each_once(
        Seen(_known(s.a, names), _known(s.b, names), s.line)
        for s in seen
        if not all(_is_of(end, others) and not _is_of(end, names) for end in (s.a, s.b))
    )
    wrong = [link for link in links if wanted.partner.get(link.a) != link.b]
    met = {end for link in links for end in (link.a, link.b)}
    lit = [cable for cable in cables if not cable.dark]
    found = [*_wrong(wrong, wanted), *_missing(lit, met)]
    found.sort(key=lambda finding: _place(finding, wanted))
    return Comparison(len(lit), len(links) - len(wrong), tuple(found))


@dataclass(frozen=True)
class _Wanted:
    """The cables of the plan, by their ends."""

    links: tuple[Link, ...]
    number: Mapping[End, int]
    """End -> which of the links it belongs to."""
    partner: Mapping[End, End]

    @classmethod
    def of(cls, cables: Sequence[Cable]) -> _Wanted:
        links = tuple(map(_ends, cables))
        number = {end: at for at, link in enumerate(links) for end in link}
        partner = {end: other for a, b in links for end, other in ((a, b), (b, a))}
        return cls(links, number, partner)


def _ends(cable: Cable) -> Link:
    return End(cable.a_device, cable.a_port), End(cable.b_device, cable.b_port)


def _each_once(links: Iterable[Seen]) -> list[Seen]:
    return list({frozenset((link.a, link.b)): link for link in links}.values())


def _names(cables: Sequence[Cable]) -> Mapping[tuple[str, str], End]:
    """Every way to write a port of the plan, in lower case; a number several ports have is none."""
    numbers: dict[tuple[str, str], set[End]] = defaultdict(set)
    names: dict[tuple[str, str], End] = {}
    for cable in cables:
        for end, index in zip(_ends(cable), (cable.a_index, cable.b_index), strict=True):
            numbers[end.device.lower(), f"#{index}"].add(end)
            names[end.device.lower(), end.port.lower()] = end
    return names | {key: ends.pop() for key, ends in numbers.items() if len(ends) == 1}


def _is_of(end: End, names: Mapping[tuple[str, str], End]) -> bool:
    """Whether ``end`` is a port that ``names`` knows."""
    return _find(end, names) is not None


def _known(end: End, names: Mapping[tuple[str, str], End]) -> End:
    """The end as the plan writes it; as it was seen where the plan does not know it."""
    return _find(end, names) or end


def _find(end: End, names: Mapping[tuple[str, str], End]) -> End | None:
    device, port = end.device.lower(), end.port.lower()
    if found := names.get((device, port)):
        return found
    number = NUMBER.fullmatch(port)
    return names.get((device, f"#{number[1]}")) if number else None


def _wrong(wrong: Sequence[Seen], wanted: _Wanted) -> Iterator[Miswiring]:
    """Two cables that exchanged an end are one finding; every other cable is one."""
    at = {end: link for link in wrong for end in (link.a, link.b)}
    told: set[Seen] = set()
    for link in wrong:
        if link in told:
            continue
        other = _swap(link, wanted, at)
        members = (link,) if other is None or other in told else (link, other)
        told.update(members)
        yield _finding(members, wanted)


def _swap(link: Seen, wanted: _Wanted, at: Mapping[End, Seen]) -> Seen | None:
    """The other cable of an exchange: it holds both ports that this one should go to."""
    first, second = wanted.partner.get(link.a), wanted.partner.get(link.b)
    if first is None or second is None:
        return None
    found = at.get(first)
    return found if found is not None and found is at.get(second) else None


def _finding(members: Sequence[Seen], wanted: _Wanted) -> Miswiring:
    ends = [end for link in members for end in (link.a, link.b)]
    planned = sorted({wanted.number[end] for end in ends if end in wanted.number})
    return Miswiring(
        "swapped" if len(members) > 1 else "miswired" if planned else "extra",
        tuple(wanted.links[number] for number in planned),
        tuple((link.a, link.b) for link in members),
        tuple(link.line for link in members),
    )


def _missing(cables: Sequence[Cable], met: set[End]) -> Iterator[Miswiring]:
    for cable in cables:
        link = _ends(cable)
        if link[0] not in met and link[1] not in met:
            yield Miswiring("missing", (link,), ())


def _place(finding: Miswiring, wanted: _Wanted) -> tuple[int, int]:
    if not finding.planned:
        return len(wanted.links), finding.lines[0]
    return wanted.number[finding.planned[0][0]], 0
