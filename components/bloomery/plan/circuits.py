"""The circuits of one rack: which supply hangs where, and what each circuit carries.

Supplies of a machine are spread over the sides as evenly as they go, side A first, and on
one side over the phases in turn, beginning at a phase that follows from the machine's
place. So nothing is plugged over when a neighbour comes. A machine whose supplies nobody
counts has one on each side.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bloomery.catalogue.pdu import PduModel, pdu_model
from bloomery.plan.model import CircuitPlan, ModelPlan, RackItem
from bloomery.site.power import Circuit, Feed, PowerSheet

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


def supplies(body: ModelPlan, sides: Sequence[str]) -> Mapping[str, int]:
    """Side -> supplies of one machine on it."""
    count = body.psus or len(sides)
    share, rest = divmod(count, len(sides))
    return {side: share + (at < rest) for at, side in enumerate(sides)}


def plan_circuits(
    power: PowerSheet,
    rack: str,
    feeds: Sequence[Feed],
    placed: Placed,
    sides: Mapping[str, str],
    cases: Sequence[str],
) -> Iterator[tuple[CircuitPlan, Mapping[str, float]]]:
    """Each feed of the rack, with its load in each of ``cases``: a side that is lost, or none."""
    types = {circuit.name: circuit for circuit in power.circuits}
    fed = [(item, body) for item, body in placed if body.kind != "cdu"]
    there = sorted({sides[feed.source] for feed in feeds})
    on_side = {lost: _on_sides(fed, there, lost) for lost in cases}
    phases = {side: _on_phases(fed, there, side) for side in there}
    lines = {feed.circuit: line(types[feed.circuit]) for feed in feeds}
    given = {
        side: math.fsum(
            lines[it.circuit].capacity_kw(1) * it.count for it in feeds if sides[it.source] == side
        )
        for side in there
    }
    for feed in sorted(feeds, key=lambda feed: (sides[feed.source], feed.source, feed.circuit)):
        side, kind = sides[feed.source], lines[feed.circuit]
        part = kind.capacity_kw(1) * feed.count / given[side]
        loads = {lost: part * loads[side] for lost, loads in on_side.items()}
        alone = max((loads[it] for it in cases if it not in (NORMAL, side)), default=0.0)
        peak = math.fsum(body.peak_kw for _, body in fed)
        on_phase = [round(part * load, WATTS) for load in phases[side]]
        yield (
            CircuitPlan(
                rack=rack,
                source=feed.source,
                side=side,
                volts=kind.volts,
                amps=kind.amps,
                phases=kind.phases,
                continuous=kind.continuous,
                count=feed.count,
                power_factor=power.power_factor,
                capacity_kw=round(kind.capacity_kw(power.power_factor) * feed.count, WATTS),
                load_kw=round(loads[NORMAL], WATTS),
                alone_kw=round(alone if len(there) > 1 else part * peak, WATTS),
                phase_kw=tuple(on_phase) if kind.phases == PHASES else (),
                wiring=kind.wiring,
                circuit=feed.circuit,
                pdu=types[feed.circuit].pdu or "",
            ),
            loads,
        )


def _on_sides(fed: Placed, sides: Sequence[str], lost: str) -> Mapping[str, float]:
    """Side -> load of the rack's items on it: over time where nothing is lost, else at peak."""
    loads = dict.fromkeys(sides, 0.0)
    for _, body in fed:
        left = {side: count for side, count in supplies(body, sides).items() if side != lost}
        working = sum(left.values())
        draw = body.power_kw if lost == NORMAL else body.peak_kw
        for side, count in left.items():
            # A machine with every supply on the lost side stands still and draws nothing.
            loads[side] += draw * count / working if working else 0.0
    return loads


def _on_phases(fed: Placed, sides: Sequence[str], side: str) -> Sequence[float]:
    """Load of the rack's items on each phase of ``side`` in normal running."""
    loads = [0.0] * PHASES
    for item, body in fed:
        by_side = supplies(body, sides)
        each = body.power_kw / sum(by_side.values())
        if body.trays:
            # The power shelves of a rack-scale model are three-phase themselves.
            loads = [load + each * by_side[side] / PHASES for load in loads]
            continue
        first = (item.unit - 1) // max(item.height, 1)
        for number in range(by_side[side]):
            loads[(first + number) % PHASES] += each
    return loads
