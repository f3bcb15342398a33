"""Two plans compared thing by thing: what comes, goes, moves, and which of its values change.

Things are matched by their names, so the order of a list is no difference. A cable that keeps
one of its ends is the same cable, plugged elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Literal

from bloomery.plan.model import Cable, Plan
from bloomery.plan.totals import totals

What = Literal["added", "removed", "moved", "changed"]
"""What became of a thing; ``moved`` where its place is among the changes."""

Value = str | int | float | bool | tuple[str, ...] | None
"""A value on one side. Of two lists only what the other lacks; None: there is no such value."""


@dataclass(frozen=True)
class Change:
    """One value of one thing."""

    field: str
    """Dotted, as in the plan: ``host.address``."""
    old: Value
    new: Value


@dataclass(frozen=True)
class Difference:
    """What became of one thing."""

    noun: str
    """``site``, ``metal``, ``cooling``, ``fabric``, ``storage`` or ``cluster``."""
    kind: str
    """``node``, ``rack``, ``cable`` and so on."""
    name: str
    what: What
    changes: tuple[Change, ...] = ()
    """Empty where it was added or removed."""


@dataclass(frozen=True)
class Shift:
    """One sum over the whole plan."""

    noun: str
    name: str
    unit: str
    old: float
    new: float


@dataclass(frozen=True)
class PlanDiff:
    """Everything that differs between two plans."""

    old: str
    """Digest of the old plan."""
    new: str
    shifts: tuple[Shift, ...]
    """Sums that differ."""
    differences: tuple[Difference, ...]
    """Noun by noun, kind by kind, by name."""


@dataclass(frozen=True)
class _Kind:
    """One list of the plan."""

    noun: str
    kind: str
    items: Callable[[Plan], Iterable[object]]
    key: Callable[[object], str]
    place: tuple[str, ...] = ()
    """Fields that say where it is."""
    skip: tuple[str, ...] = ()
    """Fields that are lists of things compared on their own."""


def _named(*parts: str) -> Callable[[object], str]:
    return lambda item: "/".join(str(getattr(item, part)) for part in parts)


KINDS = (
    _Kind("metal", "hall", lambda p: p.metal.halls, _named("name")),
    _Kind("metal", "rack", lambda p: p.metal.racks, _named("name"),
          ("hall", "row", "place"), ("items",)),
    _Kind("metal", "node", lambda p: p.metal.nodes, _named("name"), ("rack", "unit")),
    _Kind("metal", "part", lambda p: p.metal.parts, _named("name"), ("rack", "unit")),
    _Kind("metal", "model", lambda p: p.metal.models, _named("key")),
    _Kind("metal", "software", lambda p: p.metal.software, _named("model", "purpose", "mode")),
    _Kind("metal", "source", lambda p: p.metal.sources, _named("name"), ("parent",)),
    _Kind("metal", "circuit", lambda p: p.metal.circuits,
          _named("rack", "side", "source", "circuit")),
    _Kind("cooling", "loop", lambda p: p.cooling.loops, _named("name"), skip=("racks",)),
    _Kind("cooling", "cdu", lambda p: p.cooling.cdus, _named("name"), ("rack", "unit", "loop")),
    _Kind("fabric", "medium", lambda p: p.fabric.media, _named("key")),
    _Kind("fabric", "network", lambda p: p.fabric.networks, _named("name")),
    _Kind("fabric", "switch", lambda p: p.fabric.switches, _named("name"), ("rack", "unit")),
    _Kind("fabric", "ports", lambda p: p.fabric.host_ports, _named("pool", "network")),
    _Kind("fabric", "tenant", lambda p: p.fabric.tenants, _named("project")),
    _Kind("storage", "tier", lambda p: p.storage.tiers, _named("name"), ("location",)),
    _Kind("storage", "job", lambda p: p.storage.checkpoints, _named("name")),
    _Kind("cluster", "run", lambda p: p.runs, _named("name")),
    _Kind("cluster", "project", lambda p: p.cluster.projects, _named("name"), ("pool",)),
    _Kind("cluster", "capacity", lambda p: p.cluster.capacity, _named("pool")),
    _Kind("cluster", "cost", lambda p: [p.cluster.cost] if p.cluster.cost else [],
          lambda _: "cost"),
)  # fmt: skip
"""Every list of the plan but the cables and the flows of the racks, in the order of a diff."""

ENDS = ("a_device", "a_port", "b_device", "b_port")
"""Fields of a cable that say where it is plugged."""

LOWER, HIGHER = (1, 3, 4), (1, 6, 7)
"""Where a cable's row holds network, device and port of its ends."""

DERIVED = ("id", "a_label", "b_label", "a_index", "b_index")
"""Fields of a cable that follow from its ends."""


def diff(old: Plan, new: Plan) -> PlanDiff:
    """What changes from ``old`` to ``new``. Empty lists where nothing does."""
    found: list[Difference] = []
    found += _site(old, new)
    for kind in KINDS:
        found += _list(kind, list(kind.items(old)), list(kind.items(new)))
    found += _flows(old, new)
    found += _cables(old.fabric.cables, new.fabric.cables)
    return PlanDiff(old.digest, new.digest, tuple(shifts(old, new)), tuple(found))


def shifts(old: Plan, new: Plan) -> Iterator[Shift]:
    """Sums over the whole plan that differ."""
    for before, after in zip(totals(old), totals(new), strict=True):
        if before.value != after.value:
            unit = after.unit or before.unit
            yield Shift(after.noun, after.name, unit, before.value, after.value)


def _site(old: Plan, new: Plan) -> Iterator[Difference]:
    """What holds for the whole site."""
    before, after = _flat(old.site), _flat(new.site)
    before |= _singles(old)
    after |= _singles(new)
    if changes := tuple(_changes(before, after)):
        yield Difference("site", "site", new.site.name, "changed", changes)


def _singles(plan: Plan) -> dict[str, Value]:
    """Values of a noun that are no list."""
    return {
        "feed_loss": plan.metal.feed_loss,
        "endpoint": plan.cluster.endpoint,
        "model_name": plan.cluster.model_name,
        "schema": plan.schema,
        **{f"systems.{model}": system for model, system in plan.fabric.systems.items()},
    }


def _list(kind: _Kind, old: Sequence[object], new: Sequence[object]) -> Iterator[Difference]:
    before = {kind.key(item): item for item in old}
    after = {kind.key(item): item for item in new}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield Difference(kind.noun, kind.kind, name, "removed")
        elif name not in before:
            yield Difference(kind.noun, kind.kind, name, "added")
        elif before[name] != after[name]:
            flat = _flat(before[name], kind.skip), _flat(after[name], kind.skip)
            yield from _changed(kind.noun, kind.kind, name, tuple(_changes(*flat)), kind.place)


def _changed(
    noun: str, kind: str, name: str, changes: tuple[Change, ...], place: Sequence[str]
) -> Iterator[Difference]:
    if changes:
        moved = any(change.field in place for change in changes)
        yield Difference(noun, kind, name, "moved" if moved else "changed", changes)


def _flows(old: Plan, new: Plan) -> Iterator[Difference]:
    """What racks take from the loops: by rack, so that a change of loop is a move."""
    sides = []
    for plan in (old, new):
        found: dict[str, dict[str, Value]] = {}
        for loop in plan.cooling.loops:
            for flow in loop.racks:
                found[flow.rack] = {**_flat(flow), "loop": loop.name}
        sides.append(found)
    before, after = sides
    for rack in sorted(before.keys() | after.keys()):
        if rack not in after or rack not in before:
            yield Difference("cooling", "flow", rack, "added" if rack in after else "removed")
        else:
            changes = tuple(_changes(before[rack], after[rack]))
            yield from _changed("cooling", "flow", rack, changes, ("loop",))


def _cables(old: Sequence[Cable], new: Sequence[Cable]) -> list[Difference]:
    """Cables by name; then those that keep their lower end, then those that keep the higher."""
    before = {cable.id: cable for cable in old}
    after = {cable.id: cable for cable in new}
    pairs = [(c, after[c.id]) for c in old if c.id in after and c != after[c.id]]
    gone = [cable for cable in old if cable.id not in after]
    come = [cable for cable in new if cable.id not in before]
    for end in (LOWER, HIGHER):
        places: dict[tuple[object, ...], Cable] = {_end(cable, end): cable for cable in come}
        kept, gone = _kept(gone, places, end)
        pairs += kept
        taken = {after.id for _, after in kept}
        come = [cable for cable in come if cable.id not in taken]
    found = [Difference("fabric", "cable", cable.id, "removed") for cable in gone]
    found += [Difference("fabric", "cable", cable.id, "added") for cable in come]
    for was, now in pairs:
        changes = tuple(_changes(_flat_cable(was), _flat_cable(now)))
        found += _changed("fabric", "cable", was.id, changes, ENDS)
    return sorted(found, key=lambda difference: difference.name)


def _kept(
    gone: Sequence[Cable], places: dict[tuple[object, ...], Cable], end: tuple[int, ...]
) -> tuple[list[tuple[Cable, Cable]], list[Cable]]:
    pairs, rest = [], []
    for cable in gone:
        now = places.pop(_end(cable, end), None)
        if now is None:
            rest.append(cable)
        else:
            pairs.append((cable, now))
    return pairs, rest


def _end(cable: Cable, end: tuple[int, ...]) -> tuple[object, ...]:
    return tuple(cable[at] for at in end)


def _flat_cable(cable: Cable) -> dict[str, Value]:
    return {name: value for name, value in cable._asdict().items() if name not in DERIVED}


def _flat(value: object, skip: Sequence[str] = (), stem: str = "") -> dict[str, Value]:
    """Fields of a dataclass with those of the dataclasses and mappings in it, dotted."""
    if is_dataclass(value):
        pairs = [(item.name, getattr(value, item.name)) for item in fields(value)]
    elif isinstance(value, Mapping):
        pairs = list(value.items())
    else:
        return {stem[:-1]: _plain(value)}
    found: dict[str, Value] = {}
    for name, inner in pairs:
        if name not in skip:
            found |= _flat(inner, (), f"{stem}{name}.")
    return found


def _plain(value: object) -> Value:
    if isinstance(value, tuple):
        return tuple(_member(item) for item in value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{type(value).__name__} is no value of a plan")


def _member(item: object) -> str:
    """One member of a list as text; of a small dataclass its values."""
    if not is_dataclass(item):
        return str(item)
    return " ".join(str(getattr(item, part.name)) for part in fields(item))


SEQUENCES = ("phase_kw", "hcas", "pci", "interfaces")
"""Lists whose order means something; of all others only the members count."""


def _changes(old: Mapping[str, Value], new: Mapping[str, Value]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if isinstance(before, tuple) and isinstance(after, tuple) and name not in SEQUENCES:
            before, after = _only(before, after), _only(after, before)
            if not before and not after:
                continue
        yield Change(name, before, after)


def _only(these: Sequence[str], those: Sequence[str]) -> tuple[str, ...]:
    """What ``these`` have and ``those`` lack, sorted; repeated members count."""
    rest = list(those)
    found = []
    for item in these:
        if item in rest:
            rest.remove(item)
        else:
            found.append(item)
    return tuple(sorted(found))
