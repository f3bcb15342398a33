"""Observed cables compared with the cables of the plan: each difference with its ports.

Dark cables may be missing: nothing answers at their far end. A network of which nothing was
observed is told as not observed, and so is a cable of whose two devices neither was asked for its
neighbours: about them nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from bloomery.check.learnt_names import Learnt, Resolver
from bloomery.check.observed.seen import End, Observed, Seen
from bloomery.check.port_names import PortNames
from bloomery.plan.model import Cable, Plan

Kind = Literal["swapped", "miswired", "missing", "extra"]
"""``swapped``: two cables have exchanged one end. ``miswired``: a port of the plan goes elsewhere.
``missing``: neither end was seen. ``extra``: neither end is in the plan."""

Link = tuple[End, End]
"""Both ends of a cable, lower end first where the plan knows it."""


@dataclass(frozen=True)
class Miswiring:
    """One thing that is not as planned."""

    kind: Kind
    network: str
    """Network of the first planned cable; empty for an extra one."""
    planned: tuple[Link, ...]
    """Cables of the plan it concerns."""
    seen: tuple[Link, ...]
    """What was seen in their place."""
    lines: tuple[int, ...] = ()
    """Lines of the observed list."""
    files: tuple[str, ...] = ()
    """The file of each line."""

    def __str__(self) -> str:
        planned = " and ".join(f"{a} to {b}" for a, b in self.planned)
        seen = " and ".join(f"{a} to {b}" for a, b in self.seen)
        return f"{self.kind}: planned {planned or 'nothing'}; observed {seen or 'nothing'}"


@dataclass(frozen=True)
class NetworkCount:
    """How much of one network was seen."""

    network: str
    cables: int
    """Cables of the plan without dark ones."""
    planned: int
    """Cables that were looked for: those at devices that were asked. 0: not observed."""
    right: int
    """Cables seen as planned."""


@dataclass(frozen=True)
class Comparison:
    """Everything that was found."""

    planned: int
    """Cables of the plan that were looked for, without dark ones."""
    right: int
    """Cables seen as planned."""
    findings: tuple[Miswiring, ...]
    networks: tuple[NetworkCount, ...] = ()
    """Each network that was to be compared, in the order of the plan's cables."""
    learnt: tuple[Learnt, ...] = ()
    """Names that the plan does not know, and what they were taken for."""


def compare(
    plan: Plan,
    observed: Observed,
    network: str = "",
    given: Mapping[str, str] = MappingProxyType({}),
) -> Comparison:
    """Findings in the order of the plan's cables, extra cables last.

    ``network`` limits it to the cables of one network, planned and seen; an empty one means all.
    ``given`` are names that the plan does not know, and the ports that they mean.
    """
    wanted = _Wanted.of(plan.fabric.cables, network)
    names = PortNames(plan.fabric.cables)
    resolver = Resolver(plan, names, observed.links, given)
    links = _each_once(_resolved(observed.links, resolver, wanted))
    wrong = [link for link in links if wanted.partner.get(link.a) != link.b]
    asked = _Asked.of(observed, links, wanted, names)
    lit = [cable for cable in wanted.cables if not cable.dark]
    looked = [cable for cable in lit if asked.covers(cable)]
    met = {end for link in links for end in (link.a, link.b)}
    found = [*_wrong(wrong, wanted), *_missing(looked, met)]
    found.sort(key=lambda finding: _place(finding, wanted))
    counts = _counts(lit, looked, links, wanted)
    right = sum(count.right for count in counts)
    return Comparison(len(looked), right, tuple(found), counts, resolver.learnt())


@dataclass(frozen=True)
class _Wanted:
    """The cables of the plan, by their ends."""

    cables: tuple[Cable, ...]
    links: tuple[Link, ...]
    number: Mapping[End, int]
    """End -> which of the links it belongs to."""
    partner: Mapping[End, End]
    others: AbstractSet[End]
    """Ends of networks that are not compared."""

    @classmethod
    def of(cls, every: Sequence[Cable], network: str) -> _Wanted:
        cables = tuple(c for c in every if not network or c.network == network)
        links = tuple(map(_ends, cables))
        number = {end: at for at, link in enumerate(links) for end in link}
        partner = {end: other for a, b in links for end, other in ((a, b), (b, a))}
        others = {end for cable in every for end in _ends(cable)} - set(number)
        return cls(cables, links, number, partner, others)

    def network(self, end: End) -> str:
        """The network that ``end`` is of; empty where it is of none."""
        return self.cables[self.number[end]].network if end in self.number else ""


@dataclass(frozen=True)
class _Asked:
    """Whose cables are known."""

    networks: AbstractSet[str]
    """Networks of which something was seen."""
    whole: AbstractSet[str]
    """Those of which a list of the whole network was given."""
    devices: AbstractSet[str]
    """Devices that listed their own neighbours."""

    @classmethod
    def of(
        cls, observed: Observed, links: Sequence[Seen], wanted: _Wanted, names: PortNames
    ) -> _Asked:
        at = [(_common(link, wanted), link.by) for link in links]
        return cls(
            {network for network, _ in at if network},
            {network for network, by in at if network and not by},
            {names.device(device) for device in observed.devices},
        )

    def covers(self, cable: Cable) -> bool:
        """Whether the cable would have been seen."""
        if cable.network not in self.networks:
            return False
        ends = {cable.a_device, cable.b_device}
        return cable.network in self.whole or bool(ends & self.devices)


def _common(link: Seen, wanted: _Wanted) -> str:
    """The network that a cable was seen in; a cable from one to another tells of neither."""
    networks = {wanted.network(link.a), wanted.network(link.b)} - {""}
    return networks.pop() if len(networks) == 1 else ""


def _resolved(links: Iterable[Seen], resolver: Resolver, wanted: _Wanted) -> Iterator[Seen]:
    """Links with the plan's names, without those of networks that are not compared."""
    for link in links:
        a, b = resolver.ends(link)
        if not (a in wanted.others and b in wanted.others):
            yield link._replace(a=a, b=b)


def _ends(cable: Cable) -> Link:
    return End(cable.a_device, cable.a_port), End(cable.b_device, cable.b_port)


def _each_once(links: Iterable[Seen]) -> list[Seen]:
    return list({frozenset((link.a, link.b)): link for link in links}.values())


def _counts(
    lit: Sequence[Cable], looked: Sequence[Cable], links: Sequence[Seen], wanted: _Wanted
) -> tuple[NetworkCount, ...]:
    right = [wanted.network(s.a) for s in links if wanted.partner.get(s.a) == s.b]
    every, asked = [c.network for c in lit], [c.network for c in looked]
    return tuple(
        NetworkCount(name, every.count(name), asked.count(name), right.count(name))
        for name in dict.fromkeys(every)
    )


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
        wanted.cables[planned[0]].network if planned else "",
        tuple(wanted.links[number] for number in planned),
        tuple((link.a, link.b) for link in members),
        tuple(link.line for link in members),
        tuple(link.file for link in members),
    )


def _missing(cables: Sequence[Cable], met: set[End]) -> Iterator[Miswiring]:
    for cable in cables:
        link = _ends(cable)
        if link[0] not in met and link[1] not in met:
            yield Miswiring("missing", cable.network, (link,), ())


def _place(finding: Miswiring, wanted: _Wanted) -> tuple[int, str, int]:
    if not finding.planned:
        return len(wanted.links), finding.files[0], finding.lines[0]
    return wanted.number[finding.planned[0][0]], "", 0
