"""A region can never loosen: every key of a site under every lock it can have.

The keys come from the models, so one that is added later is tested from its first day, or
``test_every_value_has_samples`` fails and says so. What is looser is decided here anew: the
tables below share nothing with the orders of the package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lock_samples import KEYS, SECTIONS, VALUES, place, plain_samples, read, samples

from bloomery.errors import Fault
from bloomery.site.model import SiteSheet
from bloomery.site.national.national_file import National, fill_in, lock_faults
from bloomery.site.national.national_sheet import read_national
from bloomery.site.reading.document import Document, Value
from bloomery.site.types.keys import EACH, Key, find_key, written

Tight = Callable[[Any, Any], bool]


def nation(locks: dict[str, dict[str, object]], default: str = "free") -> National:
    """A national file, as if it had been read from text; the first lock stands on line 3."""
    lines = {("locks", name): 3 + at for at, name in enumerate(locks)}
    whole = {"default": default, "locks": locks}
    return read_national(Document("national.yaml", data=deepcopy(whole), lines=dict(lines)))


def site(data: Value) -> Document:
    return Document("site.yaml", data=deepcopy(data))


def judged(national: National, key: Key, own: Value) -> list[Fault]:
    """Faults of a site that writes nothing but ``own``."""
    document = site(place(key.pattern, own))
    return list(lock_faults(national, document, None, fill_in(national, document)))


def network(text: str) -> tuple[int, int]:
    """First and last address as numbers."""
    address, _, prefix = text.partition("/")
    number = 0
    for part in address.split("."):
        number = number * 256 + int(part)
    return number, number + 2 ** (32 - int(prefix or 32)) - 1


def inside(own: str, national: str) -> bool:
    (first, last), (low, high) = network(own), network(national)
    return low <= first and last <= high


NUMBER: dict[str, Tight] = {
    "higher": lambda own, national: own >= national,
    "lower": lambda own, national: own <= national,
}
LIST: dict[str, Tight] = {
    "subset": lambda own, national: set(own) <= set(national),
    "superset": lambda own, national: set(own) >= set(national),
}


def trials(key: Key) -> Iterator[tuple[dict[str, object], Value, bool]]:
    """Each lock a key can have with each value: the lock, the site's value, whether it holds."""
    found = samples(key)
    for national, own in product(found, found):
        theirs, mine = read(key, national), read(key, own)
        yield {"lock": "locked", "value": national}, own, mine == theirs
        yield {"lock": "free"}, own, True
        orders = NUMBER if key.is_number else LIST if key.items else {}
        for name, tight in orders.items():
            lock = {"lock": "tighten-only", "order": name, "value": national}
            yield lock, own, tight(mine, theirs)
        if key.is_plain:
            yield from plain_trials(found, national, own)
        if key.is_plain and key.types == (str,) and plain_samples(key)[0].startswith("10."):
            lock = {"lock": "tighten-only", "order": "inside", "value": national}
            yield lock, own, inside(str(own), str(national))
        if key.is_plain and key.types == (str,) and plain_samples(key)[0] == "580.1":
            lock = {"lock": "tighten-only", "order": "newer", "value": national}
            yield lock, own, float(str(own)) >= float(str(national))


def plain_trials(
    found: list[Value], national: Value, own: Value
) -> Iterator[tuple[dict[str, object], Value, bool]]:
    """Orders written out, forth and back, and lists the value must be one of."""
    for order in (found, found[::-1]):
        holds = order.index(own) >= order.index(national)
        yield {"lock": "tighten-only", "order": order, "value": national}, own, holds
    without = [value for value in found if value != own]
    short = {"lock": "tighten-only", "order": without, "value": without[0]}
    yield short, own, False
    for allowed in (found, [own], without):
        lock = {"lock": "tighten-only", "order": "subset", "value": allowed}
        yield lock, own, own in allowed


@pytest.mark.parametrize("key", VALUES, ids=str)
def test_every_value_has_samples(key: Key) -> None:
    """Two different values at least, or nothing could be told looser or tighter."""
    found = samples(key)
    told = f"{key}: add two values of its kind to WORDS or NUMBERS of lock_samples.py"
    assert len(found) >= 2, told


@pytest.mark.parametrize("key", VALUES, ids=str)
def test_looser_is_refused_and_equal_or_tighter_is_not(key: Key) -> None:
    nations: dict[str, National] = {}
    seen = set()
    for lock, own, holds in trials(key):
        if repr(lock) not in nations:
            nations[repr(lock)] = nation({str(key): lock})
        national = nations[repr(lock)]
        assert not national.faults, national.faults
        faults = judged(national, key, own)
        assert bool(faults) is not holds, (lock, own, faults)
        for fault in faults:
            assert fault.file == "site.yaml" and "national.yaml:3 " in fault.hint
        order = lock.get("order")
        seen.add((lock["lock"], "list" if isinstance(order, list) else order, holds))
    ways = {(kind, order) for kind, order, _ in seen} - {("free", None)}
    both = {(*way, holds) for way in ways for holds in (True, False)}
    assert seen == both | {("free", None, True)}, "each lock must be seen to refuse and to accept"
    assert len(ways) > 1 or key.entries, "no order fits the key"


@pytest.mark.parametrize("key", VALUES, ids=str)
def test_what_is_left_out_takes_the_national_value(key: Key) -> None:
    value = samples(key)[0]
    for lock in ({"lock": "locked"}, {"lock": "free"}):
        national = nation({str(key): {**lock, "value": value}})
        document = site(place(key.pattern[:-1], {}) or {})
        made = fill_in(national, document)
        assert not list(lock_faults(national, document, None, made))
        found = [own for _, own in written(document.data, key.pattern)]
        named = key.pattern[-1] not in (EACH, "*") and lock["lock"] == "locked"
        assert found == [value] if named else found in ([], [value])


@pytest.mark.parametrize("key", VALUES, ids=str)
def test_nothing_is_no_way_out(key: Key) -> None:
    """``key:`` with nothing behind it is looser than any value, where it is read at all."""
    national = nation({str(key): {"lock": "locked", "value": samples(key)[0]}})
    if not isinstance(read(key, None), Exception):
        assert judged(national, key, None)


@pytest.mark.parametrize("key", SECTIONS, ids=str)
def test_a_section_is_locked_key_by_key(key: Key) -> None:
    told = nation({str(key): {"lock": "locked", "value": {}}}).faults
    assert [fault.reason for fault in told] == [f"{key} is a section"]
    assert not nation({str(key): {"lock": "free"}}).faults


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_every_key_is_found_by_its_spelling(key: Key) -> None:
    assert find_key(SiteSheet, str(key)).pattern == key.pattern


PLAIN = tuple(key for key in VALUES if key.is_plain and len(samples(key)) >= 2)


@st.composite
def nations_and_sites(draw: st.DrawFn) -> tuple[dict[str, dict[str, Any]], list[tuple[Key, str]]]:
    """Some locks with orders of their own, and a site that writes some of those keys."""
    keys = draw(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=6, unique_by=str))
    locks, own = {}, []
    for key in keys:
        order = draw(st.permutations(samples(key)))
        value = draw(st.sampled_from(order))
        locks[str(key)] = {"lock": "tighten-only", "order": order, "value": value}
        if draw(st.booleans()):
            own.append((key, draw(st.sampled_from(order))))
    return locks, own


def merge(into: Value, other: Value) -> Value:
    if isinstance(into, dict) and isinstance(other, dict):
        return {
            name: merge(into[name], other[name])
            if name in into and name in other
            else into.get(name, other.get(name))
            for name in {**into, **other}
        }
    if isinstance(into, list) and isinstance(other, list):
        return [merge(mine, theirs) for mine, theirs in zip(into, other, strict=True)]
    return other


@given(nations_and_sites())
@settings(max_examples=200, deadline=None)
def test_no_mix_of_locks_and_values_loosens(
    case: tuple[dict[str, dict[str, Any]], list[tuple[Key, str]]],
) -> None:
    """Whatever is written: as many faults as loose values, and without a fault none is loose."""
    locks, own = case
    data: Value = {}
    for key, value in own:
        data = merge(data, place(key.pattern, value))
    national, document = nation(locks), site(data)
    made = fill_in(national, document)
    faults = list(lock_faults(national, document, None, made))
    rank = {name: lock["order"].index for name, lock in locks.items()}
    least = {name: rank[name](lock["value"]) for name, lock in locks.items()}
    loose = [str(key) for key, value in own if rank[str(key)](value) < least[str(key)]]
    assert sorted(fault.hint.split(" ")[1].rstrip(":") for fault in faults) == sorted(loose)
    for lock in national.locks:
        name = str(lock.key)
        for _, value in written(document.data, lock.key.pattern):
            assert name in loose or rank[name](value) >= least[name]
