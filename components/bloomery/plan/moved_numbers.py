"""Racks whose number, and with it every address in them, would move under what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from bloomery.plan.model import NodePlan, Plan
from bloomery.site.types.name_range import expand


@dataclass(frozen=True)
class MovedNumber:
    """One rack whose number is another one than before."""

    rack: str
    before: int
    after: int


def moved_numbers(previous: Plan, wanted: Plan) -> tuple[MovedNumber, ...]:
    """Racks of both plans with another number, in which something stays that has an address by it.

    A machine that is replaced or installed anew takes its new address with it, so it holds no
    number.
    """
    after = {rack.name: rack for rack in wanted.metal.racks}
    moved = {
        rack.name: MovedNumber(rack.name, rack.stride, after[rack.name].stride)
        for rack in previous.metal.racks
        if rack.name in after and after[rack.name].stride != rack.stride
    }
    if not moved:
        return ()
    held = set(_held(previous, wanted))
    return tuple(one for name, one in moved.items() if name in held)


def _held(previous: Plan, wanted: Plan) -> Iterator[str]:
    """Racks in which something of ``previous`` stays as it is."""
    nodes = {node.name: node for node in wanted.metal.nodes}
    yield from (node.rack for node in previous.metal.nodes if _stays(node, nodes.get(node.name)))
    for old, new in (
        (previous.fabric.switches, wanted.fabric.switches),
        (previous.metal.parts, wanted.metal.parts),
    ):
        places = {(it.name, it.rack) for it in new if it.oob_address}
        yield from (it.rack for it in old if it.oob_address and (it.name, it.rack) in places)


def _stays(node: NodePlan, after: NodePlan | None) -> bool:
    return (
        after is not None
        and (after.rack, after.identity) == (node.rack, node.identity)
        and after.install_generation == node.install_generation
    )


def remedies(moved: Sequence[MovedNumber]) -> tuple[str, ...]:
    """What to write so that nothing moves, a line a rack or span: ``number: 17 on B01..B16``."""
    return tuple(_remedy(run) for run in _runs(moved))


def _remedy(run: Sequence[MovedNumber]) -> str:
    names = run[0].rack if len(run) == 1 else f"{run[0].rack}..{run[-1].rack}"
    return f"number: {run[0].before} on {names}"


def _runs(moved: Sequence[MovedNumber]) -> Iterator[list[MovedNumber]]:
    """Racks whose names are a span and whose numbers counted on before."""
    run: list[MovedNumber] = []
    for one in moved:
        if run and not _counts_on(run, one):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _counts_on(run: Sequence[MovedNumber], one: MovedNumber) -> bool:
    try:
        names = expand(f"{run[0].rack}..{one.rack}")
    except PydanticCustomError:
        return False
    return one.before == run[-1].before + 1 and names == (*(it.rack for it in run), one.rack)
