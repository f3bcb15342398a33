"""The impact of a change as lines that fit a screen and a CI log."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from bloomery.plan.impact import Impact, RingImpact
from bloomery.plan.impact_software import SoftwareImpact
from bloomery.plan.software.change_words import TAKES, lines

WIDTH = 94
"""Widest line: the engine indents what a programme says, and 100 columns must hold it all."""

NOT_IN_IT = "Not measured: drift, i.e. changes made on site since that record."

SOFTWARE_LINES = 6
"""Changes of software that are told of a pool: the driver and what must match it, and a few."""

_ROW = "  {:<16} {:<8} {:>6} {:>7} {:>6} {:>7}  {}"


def impact_lines(impact: Impact) -> list[str]:
    """Who reboots, whose disks are wiped, what moves from where to where, and the budget."""
    return [_clip(line) for line in _lines(impact)]


def _lines(impact: Impact) -> Iterator[str]:
    yield f"Impact of plan {impact.wanted[:12]} {_start(impact)}"
    yield NOT_IN_IT
    if impact.unknown:
        return
    if not _anything(impact):
        yield "  no reboots, no wiped disks, no port changes"
    yield from _moves(impact)
    if impact.rings:
        yield _ROW.format("pool", "ring", "new", "reboot", "wiped", "max h", "machines")
        yield from (_ring(ring) for ring in impact.rings)
        yield (
            f"  {impact.hours:.1f} h in total: estimated, upper bound, on metal, rings in sequence,"
            " without job drain"
        )
    for software in impact.software:
        yield from _software(software)
    if impact.unlaid:
        yield f"  REINSTALLATION NEEDED: OS disk to be laid out anew: {_names(impact.unlaid, 30)}"
        yield "    write them in reinstall of site.yaml with a higher number, which wipes them"
    for group in impact.leaving:
        yield f"  leaving pool {group.pool} ({group.action}): {_names(group.nodes, 60)}"
    yield from _switches(impact)
    yield from renumbered_lines(impact)
    yield from _budget(impact)


def renumbered_lines(impact: Impact) -> Iterator[str]:
    """Racks whose number moves, and how they keep it; nothing where none does."""
    if not impact.renumbered:
        return
    moves = [f"{one.rack} {one.before} -> {one.after}" for one in impact.renumbered]
    yield f"  REFUSED: addresses of running devices follow rack numbers: {_names(moves, 30)}"
    for remedy in impact.keep_numbers:
        yield f"    write {remedy} in racks of site.yaml, or reinstall the machines there"


def _anything(impact: Impact) -> bool:
    return any((impact.rings, impact.leaving, impact.switches, impact.software, impact.unlaid))


def _start(impact: Impact) -> str:
    if impact.unknown:
        return f"unknown: {impact.unknown}"
    if not impact.previous:
        return "with no sealed record to compare with: everything is new"
    if impact.previous == impact.wanted:
        return "against the same plan, that of the last sealed record"
    return f"against plan {impact.previous[:12]} of the last sealed record"


def _moves(impact: Impact) -> Iterator[str]:
    for move in impact.moves:
        yield f"  {move.what}: {move.before or 'none'} -> {move.after or 'none'}"


def _ring(ring: RingImpact) -> str:
    counts = (len(ring.new), len(ring.reboots), len(ring.wipes), f"{ring.hours:.1f}")
    names = _names(ring.reboots or ring.new, 20)
    return _ROW.format(ring.pool, ring.ring, *counts, names)


def _software(software: SoftwareImpact) -> Iterator[str]:
    """The live machines of a pool and what changes on them; of many changes the first ones."""
    count, takes = len(software.nodes), TAKES[software.effect]
    words = "machine" if count == 1 else "machines"
    yield f"  software of pool {software.pool} ({software.model}): {count} {words}, {takes}"
    told = list(lines(software.changes))
    yield from (f"    {line}" for line in told[:SOFTWARE_LINES])
    if rest := told[SOFTWARE_LINES:]:
        yield f"    and {len(rest)} more: bloomery release diff, bloomery plan diff"


def _switches(impact: Impact) -> Iterator[str]:
    by_state: dict[str, list[str]] = {}
    for switch in impact.switches:
        by_state.setdefault(switch.state, []).append(switch.switch)
    ports = sum(switch.ports for switch in impact.switches)
    if by_state:
        said = ", ".join(f"{len(names)} {state}" for state, names in sorted(by_state.items()))
        yield f"  switches: {said}, {ports} ports"
    for state, names in sorted(by_state.items()):
        yield f"    {state}: {_names(names, 70)}"


def _budget(impact: Impact) -> Iterator[str]:
    if not impact.budget_percent and not impact.budget_hours:
        yield "  change budget: none set by the site"
        return
    allowed = f"{impact.budget_percent:g} % of a pool, {impact.budget_hours:g} h"
    worst = max((pool.percent for pool in impact.pools), default=0.0)
    used = f"live machines: {worst:.0f} %, {impact.live_hours:.1f} h (upper bound)"
    verdict = "EXCEEDED" if impact.exceeded else "within"
    yield f"  change budget: {allowed}; {used}: {verdict}"
    for reason in impact.exceeded:
        yield from textwrap.wrap(reason, WIDTH, initial_indent="    ", subsequent_indent="      ")


def _names(names: Sequence[str], width: int) -> str:
    """As many names as fit, then how many more there are."""
    shown: list[str] = []
    used = 0
    for name in names:
        used += len(name) + 2
        if shown and used > width:
            return f"{', '.join(shown)} and {len(names) - len(shown)} more"
        shown.append(name)
    return ", ".join(shown)


def _clip(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 3] + "..."
