"""Racks whose number, and with it every address in them, would move under what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bloomery.plan.model import NodePlan, Plan, RackPlan


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


def remedies(moved: Sequence[MovedNumber], wanted: Plan) -> tuple[str, ...]:
    """What to write so that nothing moves: one line a run of racks, as in ``number: 17 on B01``."""
    before = {one.rack: one.before for one in moved}
    return tuple(_remedy(run, before) for run in _runs(wanted.metal.racks, before))


def _remedy(run: Sequence[str], before: Mapping[str, int]) -> str:
    counted = f", and on to {run[-1]}" if len(run) > 1 else ""
    return f"number: {before[run[0]]} on {run[0]}{counted}"


def _runs(racks: Sequence[RackPlan], before: Mapping[str, int]) -> Iterator[list[str]]:
    """Racks side by side whose numbers count on, before and after: those of one span."""
    run: list[RackPlan] = []
    for rack in racks:
        if rack.name not in before:
            continue
        last = run[-1] if run else None
        if last and (before[last.name] + 1 != before[rack.name] or last.stride + 1 != rack.stride):
            yield [it.name for it in run]
            run = []
        run.append(rack)
    if run:
        yield [it.name for it in run]
