"""What is plugged into each cage: the medium of a cable follows from all cables of its cages.

A cage holds one plug for all its ports. Copper is plugs and wire in one piece, so it serves a
cage whose cables all belong to that piece, at one length. Otherwise each cage has a transceiver,
and cables that meet in a cage, at either end, need transceivers of one kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from bloomery.catalogue import CableEnd, FabricKind
from bloomery.plan.fabric.run import NO_RUN, Choice, Runs, Spot

Cage = tuple[str, int]
"""A device and the number of one of its cages."""


class Plug(NamedTuple):
    """A cage at one end of a cable."""

    cage: Cage
    ports: int
    """Ports in the cage."""


class Link(NamedTuple):
    """A cable of which nobody knows yet how long it is, and of what."""

    end: CableEnd
    """What its lower end plugs into."""
    lower: Spot
    lower_plug: Plug
    upper: Spot
    upper_plug: Plug


def lay(
    runs: Runs, kind: FabricKind, speed_gbps: float, links: Sequence[Link]
) -> list[tuple[float, str]]:
    """Length to order in m, and key of the medium of each link; ``NO_RUN`` where a place is
    unknown."""
    laid = [NO_RUN] * len(links)
    metres = [runs.metres(link.lower, link.upper) for link in links]
    for meeting in _meeting(links):
        known = [at for at in meeting if metres[at]]
        if not known:
            continue
        longest = max([metres[at] for at in known])
        together = [links[at] for at in meeting]
        ends = frozenset([link.end for link in together])
        chosen = _chosen(runs.fitting(kind, ends, speed_gbps, longest), together)
        # One piece has one length; fibres are bought one by one.
        copper = chosen is not None and chosen.plan.copper
        for at in known:
            laid[at] = runs.order(longest if copper else metres[at], chosen)
    return laid


def _meeting(links: Sequence[Link]) -> Collection[list[int]]:
    """Places of links that share a cage, at either end or through one another."""
    groups: dict[Cage, list[int]] = {}
    for at, (_, _, (lower, _), _, (upper, _)) in enumerate(links):
        below, above = groups.get(lower), groups.get(upper)
        if below is not None and above is not None and below is not above:
            below = _joined(groups, links, below, above)
        group = below if below is not None else above if above is not None else []
        group.append(at)
        groups[lower] = groups[upper] = group
    return {id(group): group for group in groups.values()}.values()


def _joined(
    groups: dict[Cage, list[int]], links: Sequence[Link], one: list[int], other: list[int]
) -> list[int]:
    """Both in one group, for all their cages. The smaller moves: no link moves often."""
    less, more = sorted((one, other), key=len)
    for at in less:
        groups[links[at].lower_plug.cage] = groups[links[at].upper_plug.cage] = more
    more.extend(less)
    return more


def _chosen(fitting: Sequence[Choice], links: Sequence[Link]) -> Choice | None:
    """The first medium that can serve all of these links, which meet."""
    return next((it for it in fitting if _serves(it, links)), None)


def _serves(choice: Choice, links: Sequence[Link]) -> bool:
    return not choice.plan.copper or _one_piece(choice, links)


def _one_piece(copper: Choice, links: Sequence[Link]) -> bool:
    """Whether one piece of ``copper`` is all of ``links``, and fills every cage it is in."""
    upper = {link.upper_plug for link in links}
    lower = {link.lower_plug for link in links}
    ports = copper.plan.upper_ports, copper.plan.lower_ports
    return (
        len(upper) == 1
        and {it.ports for it in upper} == {ports[0]}
        and {it.ports for it in lower} == {ports[1]}
        and not upper & lower
        and len(lower) * ports[1] <= ports[0]
    )


def later(first: int, last: int, before: int, each: int, per_cage: int) -> Iterator[int]:
    """Numbers from ``first`` on whose cables fill up a cage that is in use already.

    Each number has ``each`` ports of a switch above, after the ``before`` ports in use. They are
    not built, and yet the plug they will share is chosen with them: growing replaces none.
    """
    for number in range(first, last + 1):
        if not before % per_cage:
            return
        yield number
        before += each
