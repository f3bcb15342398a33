"""Circuits and the power tree: what every breaker and every source carries, case by case.

A case is the loss of one side, or of none. Every power supply of every machine is followed
by itself to its circuit, and every circuit's load up the tree.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from rederive.ledger import Ledger
from rederive.metal import Thing, cdus, equipment
from rederive.reading import Files, Tree, catalogue, exact, own_or, racks, share

NONE = ""
"""The case in which everything works."""


@dataclass(frozen=True)
class Grid:
    """The power tree as it is written."""

    sources: Mapping[str, Tree]
    circuits: Mapping[str, Tree]
    factor: Fraction

    @classmethod
    def of(cls, sheet: Tree) -> Grid:
        power = sheet["power"]
        return cls(
            {it["name"]: it for it in power["sources"]},
            {it["name"]: it for it in power["circuits"]},
            share(power["power_factor"]),
        )

    def upwards(self, name: str) -> Iterator[str]:
        """``name`` and all above it."""
        while name:
            yield name
            name = self.sources[name].get("parent", "")

    def side(self, name: str) -> str:
        own = (self.sources[it].get("side", "") for it in self.upwards(name))
        return next((side for side in own if side), "")

    def loss(self, name: str) -> Fraction:
        return share(self.sources[name].get("loss", "0"))

    def cases(self) -> list[str]:
        return sorted({self.side(name) for name in self.sources} | {NONE})

    def rating(self, circuit: str, key: str) -> Fraction:
        own = self.circuits[circuit]
        model = catalogue("pdus")[own["pdu"]] if "pdu" in own else {}
        if key == "continuous" and key in own:
            return share(own[key])
        return own_or(own, model, key)

    def wiring(self, circuit: str) -> str:
        own = self.circuits[circuit]
        return str(
            own.get("wiring") or catalogue("pdus").get(own.get("pdu"), {}).get("wiring", "wye")
        )

    def capacity_kva(self, circuit: str) -> float:
        """Within what is allowed over time, one circuit."""
        product = math.prod(
            float(self.rating(circuit, it)) for it in ("volts", "amps", "continuous")
        )
        return product * (math.sqrt(3) if self.rating(circuit, "phases") == 3 else 1) / 1000


@dataclass
class Line:
    """The circuits of one feed of one rack, and what is plugged into them."""

    rack: str
    feed: Tree
    side: str
    part: float
    """Its part of what hangs on its side of the rack."""
    peak_kw: float = 0.0
    """Peak of all that stands in the rack."""
    load: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Case -> kW."""
    phases: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])


def lines(grid: Grid, rack: str, feeds: Sequence[Tree], things: Sequence[Thing]) -> list[Line]:
    weights = [grid.capacity_kva(it["circuit"]) * int(it.get("count", 1)) for it in feeds]
    sides = [grid.side(it["source"]) for it in feeds]
    total: dict[str, float] = defaultdict(float)
    for side, weight in zip(sides, weights, strict=True):
        total[side] += weight
    made = [
        Line(rack, feed, side, weight / total[side])
        for feed, side, weight in zip(feeds, sides, weights, strict=True)
    ]
    for thing in things:
        if thing.kind != "cdu":
            _plug(grid, thing, sorted(total), made)
    return made


def _plug(grid: Grid, thing: Thing, sides: Sequence[str], made: Sequence[Line]) -> None:
    count = thing.body.supplies or len(sides)
    plugs = [sides[number % len(sides)] for number in range(count)] if sides else []
    for case in grid.cases():
        left = [side for side in plugs if side != case or case == NONE]
        draw = float(thing.body.power_kw if case == NONE else thing.body.peak_kw)
        for line in made:
            line.load[case] += line.part * draw * left.count(line.side) / max(len(left), 1)
    first = (thing.unit - 1) // max(thing.body.height, 1)
    each = float(thing.body.power_kw) / max(count, 1)
    for line in made:
        line.peak_kw += float(thing.body.peak_kw)
        for number in range(plugs.count(line.side)):
            for phase in range(3):
                spread = 1 / 3 if thing.body.tray else float((first + number) % 3 == phase)
                line.phases[phase] += line.part * each * spread


def compare_feeds(files: Files, plan: Tree, ledger: Ledger) -> None:
    """Every circuit of every rack, then the tree above them."""
    if "power" not in files.sheet:
        ledger.same("circuits", plan["metal"]["circuits"], [])
        ledger.same("sources", plan["metal"]["sources"], [])
        return
    grid, inside = Grid.of(files.sheet), equipment(files, plan)
    made = [
        line
        for name, rack in racks(files.sheet).items()
        for line in lines(grid, name, rack.entry.get("feeds", []), inside.get(name, []))
    ]
    _circuits(grid, made, plan["metal"]["circuits"], ledger)
    _sources(files, grid, made, plan["metal"]["sources"], ledger)


def _circuits(grid: Grid, made: list[Line], planned: Sequence[Tree], ledger: Ledger) -> None:
    ledger.same("number of circuits", len(planned), len(made))
    # Two feeds of one kind at one rack are told apart by nothing but their count.
    made = sorted(made, key=lambda it: (*_key(it), int(it.feed.get("count", 1))))
    ordered = sorted(
        planned, key=lambda it: (it["rack"], it["side"], it["source"], it["circuit"], it["count"])
    )
    for line, circuit in zip(made, ordered, strict=False):
        kind, count = line.feed["circuit"], int(line.feed.get("count", 1))
        three = grid.rating(kind, "phases") == 3
        others = [case for case in line.load if case not in (NONE, line.side)]
        mine = {it.side for it in made if it.rack == line.rack}
        worst = max((line.load[it] for it in others), default=0.0)
        # A rack on one side alone carries its whole peak there, whatever else is lost.
        alone = worst if len(mine) > 1 else line.part * line.peak_kw
        ledger.fields(
            f"circuit {' '.join(_key(line))}",
            circuit,
            rack=line.rack,
            source=line.feed["source"],
            circuit=kind,
            side=line.side,
            count=count,
            volts=grid.rating(kind, "volts"),
            amps=grid.rating(kind, "amps"),
            phases=int(grid.rating(kind, "phases")),
            continuous=grid.rating(kind, "continuous"),
            wiring=grid.wiring(kind),
            power_factor=grid.factor,
            capacity_kw=grid.capacity_kva(kind) * float(grid.factor) * count,
            load_kw=line.load.get(NONE, 0.0),
            alone_kw=alone,
            pdu=str(grid.circuits[kind].get("pdu", "")),
        )
        found = circuit["phase_kw"]
        ledger.same(f"circuit {' '.join(_key(line))}: phases told", len(found), 3 if three else 0)
        for at, load in enumerate(found):
            ledger.near(f"circuit {' '.join(_key(line))}.phase {at + 1}", load, line.phases[at])


def _key(line: Line) -> tuple[str, str, str, str]:
    return line.rack, line.side, line.feed["source"], line.feed["circuit"]


def _sources(
    files: Files, grid: Grid, made: list[Line], planned: Sequence[Tree], ledger: Ledger
) -> None:
    drawn = {case: _loads(files, grid, made, case) for case in grid.cases()}
    found = ledger.named("sources", planned, grid.sources)
    for name, source in found.items():
        entry, side = grid.sources[name], grid.side(name)
        worst = 0.0
        for case, loads in drawn.items():
            if case == NONE or case != side:
                worst = max(worst, loads[name] + _taken(grid, loads, name))
        up = [grid.sources[it] for it in grid.upwards(name)]
        ledger.fields(
            f"source {name}",
            source,
            kind=entry["kind"],
            parent=entry.get("parent", ""),
            standby=entry.get("standby", ""),
            capped_by=entry.get("capped_by", ""),
            transfer_s=exact(entry.get("transfer_s", "0")),
            side=side,
            capacity_kw=exact(entry["capacity_kw"]),
            loss=grid.loss(name),
            load_kw=drawn[NONE][name],
            worst_kw=worst,
            backed=any(it["kind"] == "ups" or it.get("backed") == "true" for it in up),
        )


def _loads(files: Files, grid: Grid, made: list[Line], case: str) -> dict[str, float]:
    """Load at the output of every source: each draw is carried up by itself."""
    loads = dict.fromkeys(grid.sources, 0.0)
    for line in made:
        _carry(grid, loads, line.feed["source"], line.load.get(case, 0.0))
    for cdu in cdus(files.sheet):
        power = float(own_or(cdu.order, cdu.model, "power_kw"))
        left = [it for it in cdu.order["feeds"] if case == NONE or grid.side(it) != case]
        for source in left:
            _carry(grid, loads, source, power / len(left))
    return loads


def _carry(grid: Grid, loads: dict[str, float], start: str, draw: float) -> None:
    for name in grid.upwards(start):
        loads[name] += draw
        draw /= float(1 - grid.loss(name))


def _taken(grid: Grid, loads: Mapping[str, float], name: str) -> float:
    """What ``name`` carries as a standby, or above one, when what it stands in for is lost."""
    more = dict.fromkeys(grid.sources, 0.0)
    for below, entry in grid.sources.items():
        if "standby" in entry:
            _carry(grid, more, entry["standby"], loads[below] / float(1 - grid.loss(below)))
    return more[name]
