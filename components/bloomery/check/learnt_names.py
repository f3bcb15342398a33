"""What observed names mean: declared, read off the name, or told by the far ends.

Names that the site or the catalogue declares (``bloomery.check.declared_names``) are what they are
declared to be. Others are learnt: where a machine's ``mlx5_3`` is seen at the switch port to which
the plan connects its ``hca2``, that is one vote. Most votes of all devices of one kind (pool and
model; network, tier and model) decide, so a machine whose adapters are exchanged differs from the
others and is found. Names are counted as the ports of their network are: where two leaves are
exchanged, all machines agree on ``mlx5_0`` being ``hca2`` and ``mlx5_1`` being ``hca1``, and that
is no reason to believe it. A name that has no majority is taken to be what its own far end says.
SONiC's ``Ethernet24`` counts lanes: how many a cage has is decided in the same way, where no system
of the switch is known.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bloomery.check.declared_names import DeclaredNames
from bloomery.check.observed.seen import End, Seen
from bloomery.check.port_names import Port, PortNames
from bloomery.plan.model import Plan

LANES = re.compile(r"Ethernet(\d+)", re.I)
"""A port of SONiC by its first lane."""

PER_CAGE = (8, 4, 1)
"""Lanes a cage has: OSFP and QSFP-DD, QSFP28, one port of twisted pair."""

ADAPTER = re.compile(r"\D*\d*_(\d+)(?:/P1)?", re.I)
"""``mlx5_3/P1``: adapters count from 0."""

COUNTED = re.compile(r"[A-Za-z][A-Za-z_]+\d\w*(?:/P\d+)?")
"""A name that counts: ``mlx5_3/P1``, ``enp16s0np0``; no address and no GUID."""

Name = tuple[str, str]
"""Kind of device, and name of a port."""

Meaning = tuple[str, int, str]
"""Network, number and name of a port that a name can mean."""


@dataclass(frozen=True)
class Learnt:
    """A name, and the port it was taken for."""

    kind: str
    name: str
    port: str
    devices: int
    """How many devices have it at the far end of that port."""


class Resolver:
    """Ends as the plan writes them, for links of one observation."""

    def __init__(
        self,
        plan: Plan,
        names: PortNames,
        seen: Iterable[Seen],
        given: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """``given``: names whose port is known, and that port."""
        self._names, self._given = names, given
        self._declared = DeclaredNames(plan)
        self._kinds = _kinds(plan)
        self._per_cage = {switch.name: switch.per_cage for switch in plan.fabric.switches}
        links = [(self._device(link.a), self._device(link.b)) for link in seen]
        self._lanes = self._learn_lanes(links)
        self._votes = self._learn(links)
        won = {name: _winner(name, votes) for name, votes in self._votes.items()}
        self._meaning = _in_order({name: port for name, port in won.items() if port})

    def learnt(self) -> tuple[Learnt, ...]:
        """Names that were told by their far ends, by kind and name."""
        found = [
            Learnt(kind, name, meaning[2], self._votes[kind, name][meaning])
            for (kind, name), meaning in self._meaning.items()
        ]
        return tuple(sorted(found, key=lambda one: (one.kind, _natural(one.name))))

    def ends(self, link: Seen) -> tuple[End, End]:
        """Both ends; as they were seen where nothing tells what they are."""
        a, b = self._device(link.a), self._device(link.b)
        found = _choose(self._read(a), self._read(b))
        x, y = found[0] or self._told(a, found[1]), found[1] or self._told(b, found[0])
        return (x.end if x else self._printed(a)), (y.end if y else self._printed(b))

    def _printed(self, end: End) -> End:
        """A port without a cable in the plan, as it is printed where its name tells that."""
        ports = self._declared.ports(end.device, end.port)
        return End(end.device, ports[0]) if len(ports) == 1 else end

    def _device(self, end: End) -> End:
        return End(self._names.device(end.device), end.port)

    def _read(self, end: End) -> tuple[Port, ...]:
        if port := self._given.get(end.port) or self._given.get(end.port.removesuffix("/P1")):
            found = self._names.at(End(end.device, port))
            return (found,) if found else ()
        if ports := self._declared.ports(end.device, end.port):
            told = [self._names.at(End(end.device, port)) for port in ports]
            return tuple(port for port in told if port)
        lane = LANES.fullmatch(end.port)
        if lane and not self._declared.switch(end.device):
            return self._at_lane(end, int(lane[1]), self._lanes.get(self._kind(end.device), 0))
        return self._names.read(end)

    def _at_lane(self, end: End, lane: int, lanes: int) -> tuple[Port, ...]:
        """The port whose first lane is ``lane``, where a cage has ``lanes``."""
        subs = self._per_cage.get(end.device, 1)
        if not lanes or lanes % subs:
            return ()
        cage, rest = divmod(lane, lanes)
        sub, odd = divmod(rest, lanes // subs)
        if odd:
            return ()
        return self._names.in_cage(end.device, (cage + 1, sub + 1 if subs > 1 else 0))

    def _kind(self, device: str) -> str:
        return self._kinds.get(device, device)

    def _learn_lanes(self, links: Sequence[tuple[End, End]]) -> Mapping[str, int]:
        """Kind of switch -> lanes of a cage with which most cables go to the planned device."""
        votes: dict[str, Counter[int]] = defaultdict(Counter)
        for near, far in _both_ways(links):
            lane = LANES.fullmatch(near.port)
            if lane and not self._declared.switch(near.device):
                for lanes in PER_CAGE:
                    ports = self._at_lane(near, int(lane[1]), lanes)
                    fits = any(port.partner.device == far.device for port in ports)
                    votes[self._kind(near.device)][lanes] += fits
        return {kind: max(PER_CAGE, key=lambda n: count[n]) for kind, count in votes.items()}

    def _learn(self, links: Sequence[tuple[End, End]]) -> Mapping[Name, Counter[Meaning]]:
        votes: dict[Name, Counter[Meaning]] = defaultdict(Counter)
        for near, far in _both_ways(links):
            if self._known(near):
                continue
            told = [self._names.at(it.partner) for it in self._read(far)]
            mine = [it for it in told if it and it.end.device == near.device]
            if len(mine) == 1 and not self._covered(near, mine[0]):
                meaning = (mine[0].network, mine[0].index, mine[0].end.port)
                votes[self._name(near)][meaning] += 1
        return votes

    def _name(self, end: End) -> Name:
        return self._kind(end.device), end.port

    def _told(self, end: End, far: Port | None) -> Port | None:
        """The port that its name was learnt to mean, or that its far end tells."""
        meaning = self._meaning.get(self._name(end))
        if meaning and (found := self._names.at(End(end.device, meaning[2]))):
            return found
        if far and not self._known(end) and far.partner.device == end.device:
            found = self._names.at(far.partner)
            return None if found and self._covered(end, found) else found
        return None

    def _known(self, end: End) -> bool:
        """Whether the name says by itself what it means, be it a port without a cable."""
        return bool(self._read(end) or self._declared.ports(end.device, end.port))

    def _covered(self, end: End, port: Port) -> bool:
        """Whether ``port`` has a declared name of the same form, which is another one."""
        return self._declared.covers(end.device, port.network, end.port)


def _choose(a: Sequence[Port], b: Sequence[Port]) -> tuple[Port | None, Port | None]:
    """One port of each: planned partners, else the only ones, or those of the far end's network."""
    for one in a:
        for other in b:
            if one.partner == other.end:
                return one, other
    return _only(a, b), _only(b, a)


def _only(ports: Sequence[Port], others: Sequence[Port]) -> Port | None:
    if len(ports) > 1:
        networks = {other.network for other in others}
        ports = [port for port in ports if port.network in networks]
    return ports[0] if len(ports) == 1 else None


def _both_ways(links: Iterable[tuple[End, End]]) -> Iterator[tuple[End, End]]:
    for a, b in links:
        yield a, b
        yield b, a


def _winner(name: Name, votes: Counter[Meaning]) -> Meaning | None:
    """The port with most votes; of equal ones the one that an adapter's number says, or none."""
    most = max(votes.values())
    first = sorted(port for port, count in votes.items() if count == most)
    if len(first) == 1:
        return first[0]
    number = ADAPTER.fullmatch(name[1])
    return next((it for it in first if number and it[1] == int(number[1]) + 1), None)


def _in_order(meanings: Mapping[Name, Meaning]) -> Mapping[Name, Meaning]:
    """Names of one kind and network, counted as its ports are, where each port has one name."""
    groups: dict[tuple[str, str], list[Name]] = defaultdict(list)
    for name, meaning in meanings.items():
        if COUNTED.fullmatch(name[1]):
            groups[name[0], meaning[0]].append(name)
    found = dict(meanings)
    for names in groups.values():
        ports = sorted({meanings[name] for name in names})
        if len(ports) == len(names):
            found |= zip(sorted(names, key=lambda name: _natural(name[1])), ports, strict=True)
    return found


def _kinds(plan: Plan) -> Mapping[str, str]:
    nodes = {node.name: f"{node.pool} ({node.model})" for node in plan.metal.nodes}
    switches = {it.name: f"{it.network} {it.tier} ({it.model})" for it in plan.fabric.switches}
    return nodes | switches


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """``mlx5_10`` after ``mlx5_9``."""
    return tuple((int(part or 0), text) for text, part in re.findall(r"(\D*)(\d*)", name))
