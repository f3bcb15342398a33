"""The circuits of one rack: which supply hangs where, and what each circuit carries.

Supplies of a machine are spread over the sides as evenly as they go, side A first, and on
one side over the phases in turn, beginning at a phase that follows from the machine's
place. So nothing is plugged over when a neighbour comes. A machine whose supplies nobody
counts has one on each side.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bloomery.catalogue.pdu import PduModel, pdu_model
from bloomery.plan.model import CircuitPlan, ModelPlan, RackItem
from bloomery.site.facility.power import Circuit, Feed, PowerSheet

NORMAL = ""
"""Name of the case in which nothing is lost."""

PHASES = 3

WATTS = 3
"""Decimals of a load in kW."""

Placed = Sequence[tuple[RackItem, ModelPlan]]


@dataclass(frozen=True)
class Line:
    """A type of circuit with all its figures."""

    volts: float
    amps: float
    phases: int
    wiring: str
    continuous: float

    def capacity_kw(self, power_factor: float) -> float:
        """Real power of one circuit within what is allowed over time."""
        root = math.sqrt(3) if self.phases == PHASES else 1.0
        return root * self.volts * self.amps * self.continuous * power_factor / 1000


@dataclass(frozen=True)
class Spread:
    """How the items of a rack load its sides."""

    cases: Mapping[str, Mapping[str, float]]
    """What is lost -> side -> load, kW."""
    phases: Mapping[str, Sequence[float]]
    """Side -> load on each phase in normal operation, kW."""
    peak_kw: float
    """Peak of all items together."""


def line(circuit: Circuit) -> Line:
    """The figures of ``circuit``: its own, else those of its PDU."""
    pdu = pdu_model(circuit.pdu) if circuit.pdu else None
    return Line(
        volts=_figure(circuit.volts, pdu, "volts"),
        amps=_figure(circuit.amps, pdu, "amps"),
        phases=int(_figure(circuit.phases, pdu, "phases")),
        wiring=circuit.wiring or (pdu.wiring if pdu else "wye"),
        continuous=_figure(circuit.continuous, pdu, "continuous"),
    )


def _figure(own: float | None, pdu: PduModel | None, key: str) -> float:
    if own is not None:
        return own
    figure = getattr(pdu, key, None)
    if figure is None:
        raise ValueError(f"{key} is given neither by the circuit nor by its PDU")
    return float(figure.value)


def sides_of(power: PowerSheet) -> Mapping[str, str]:
    """Source -> its side, its own or that of the nearest one above; empty above the split."""
    by_name = {source.name: source for source in power.sources}
    found: dict[str, str] = {}
    for name in by_name:
        path: list[str] = []
        above: str | None = name
        while above is not None and above not in found and by_name[above].side is None:
            path.append(above)
            above = by_name[above].parent
        side = "" if above is None else found.get(above) or by_name[above].side or ""
        found.update(dict.fromkeys((*path, name), side))
    return found


def supplies(model: ModelPlan, sides: Sequence[str]) -> Mapping[str, int]:
    """Side -> supplies of one machine on it."""
    count = model.psus or len(sides)
    share, rest = divmod(count, len(sides))
    return {side: share + (at < rest) for at, side in enumerate(sides)}


class Board:
    """Plans the circuits of racks. Racks alike are worked out once."""

    def __init__(self, power: PowerSheet, sides: Mapping[str, str], cases: Sequence[str]) -> None:
        """``cases`` are what may be lost: each side, and nothing (``NORMAL``)."""
        self._types = {circuit.name: circuit for circuit in power.circuits}
        self._lines = {name: line(circuit) for name, circuit in self._types.items()}
        self._power_factor = power.power_factor
        self._sides = sides
        self._cases = cases
        self._spreads: dict[tuple[object, ...], Spread] = {}

    def circuits(
        self, rack: str, feeds: Sequence[Feed], placed: Placed
    ) -> Iterator[tuple[CircuitPlan, Mapping[str, float]]]:
        """Each feed of the rack, with its load in each case.

        A rack without feeds has none, whatever stands in it: that is for a rule to say.
        """
        if not feeds:
            return
        given: dict[str, float] = defaultdict(float)
        for feed in feeds:
            given[self._sides[feed.source]] += self._kva(feed)
        spread = self._spread(sorted(given), placed)
        for feed in sorted(feeds, key=lambda it: (self._sides[it.source], it.source, it.circuit)):
            side = self._sides[feed.source]
            part = self._kva(feed) / given[side]
            loads = {lost: part * on_side[side] for lost, on_side in spread.cases.items()}
            yield self._circuit(rack, feed, part, spread), loads

    def _kva(self, feed: Feed) -> float:
        return self._lines[feed.circuit].capacity_kw(1) * feed.count

    def _spread(self, sides: Sequence[str], placed: Placed) -> Spread:
        fed = [(item, model) for item, model in placed if model.kind != "cdu"]
        alike = (*sides, *((item.unit, model.key) for item, model in fed))
        if alike not in self._spreads:
            self._spreads[alike] = Spread(
                cases={lost: _on_sides(fed, sides, lost) for lost in self._cases},
                phases={side: _on_phases(fed, sides, side) for side in sides},
                peak_kw=math.fsum(model.peak_kw for _, model in fed),
            )
        return self._spreads[alike]

    def _circuit(self, rack: str, feed: Feed, part: float, spread: Spread) -> CircuitPlan:
        side, kind = self._sides[feed.source], self._lines[feed.circuit]
        others = [loads[side] for lost, loads in spread.cases.items() if lost not in (NORMAL, side)]
        alone = max(others, default=0.0) if len(spread.phases) > 1 else spread.peak_kw
        on_phase = tuple(round(part * load, WATTS) for load in spread.phases[side])
        capacity = kind.capacity_kw(self._power_factor) * feed.count
        return CircuitPlan(
            rack=rack,
            source=feed.source,
            side=side,
            volts=kind.volts,
            amps=kind.amps,
            phases=kind.phases,
            continuous=kind.continuous,
            count=feed.count,
            power_factor=self._power_factor,
            capacity_kw=round(capacity, WATTS),
            load_kw=round(part * spread.cases[NORMAL][side], WATTS),
            alone_kw=round(part * alone, WATTS),
            phase_kw=on_phase if kind.phases == PHASES else (),
            wiring=kind.wiring,
            circuit=feed.circuit,
            pdu=self._types[feed.circuit].pdu or "",
        )


def _on_sides(fed: Placed, sides: Sequence[str], lost: str) -> Mapping[str, float]:
    """Side -> load of the rack's items on it: over time where nothing is lost, else at peak."""
    loads = dict.fromkeys(sides, 0.0)
    for _, model in fed:
        left = {side: count for side, count in supplies(model, sides).items() if side != lost}
        working = sum(left.values())
        draw = model.power_kw if lost == NORMAL else model.peak_kw
        for side, count in left.items():
            # A machine with every supply on the lost side stands still and draws nothing.
            loads[side] += draw * count / working if working else 0.0
    return loads


def _on_phases(fed: Placed, sides: Sequence[str], side: str) -> Sequence[float]:
    """Load of the rack's items on each phase of ``side`` in normal operation."""
    loads = [0.0] * PHASES
    for item, model in fed:
        by_side = supplies(model, sides)
        each = model.power_kw / sum(by_side.values())
        if model.trays:
            # The power shelves of a rack-scale model are three-phase themselves.
            loads = [load + each * by_side[side] / PHASES for load in loads]
            continue
        first = (item.unit - 1) // max(item.height, 1)
        for number in range(by_side[side]):
            loads[(first + number) % PHASES] += each
    return loads
