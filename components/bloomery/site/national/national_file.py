"""``national.yaml``: what a nation fixes for its sites, and what a site does against it.

The file stands beside the directories of the sites it binds: ``inventories/national.yaml``
binds ``inventories/kyiv``, and a site cannot choose another one or none. ``exempt`` names
the directories it does not bind. Each key of a site has a lock (``locks.py``); a key that
is named nowhere has the lock ``default`` says. What a site leaves out takes the national
value, whatever the lock; what it writes must hold against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from pydantic import BaseModel, ValidationError

from bloomery.errors import Fault
from bloomery.site.model import SiteSheet
from bloomery.site.national.locks import Lock, show
from bloomery.site.reading.document import Document, Path, Value
from bloomery.site.reading.draft_gaps import TO_FILL
from bloomery.site.types.keys import ANY, EACH, Key, Pattern, find_key, spell_key, written

NATIONAL_FILE = "national.yaml"
"""The nation's file, beside the directories of its sites."""


@dataclass
class National:
    """One national file, read."""

    file: str
    locks: tuple[Lock, ...] = ()
    """Locks of the keys it names, in its order."""
    others_line: int = 0
    """Where it locks every key it does not name; 0 where those are free."""
    faults: list[Fault] = field(default_factory=list)


def national_file(directory: FilePath) -> FilePath:
    """Where the national file of the site in ``directory`` would stand."""
    beside = directory / ".." if directory.name in ("", "..") else directory.parent
    return beside / NATIONAL_FILE


def fill_in(national: National, document: Document) -> dict[Path, Lock]:
    """Write the national value where ``document`` leaves a key out; returns what was written.

    A section that may be left out is made where a lock asks for a key of it, unless the lock
    says ``if_present``: a site cannot escape by leaving out the part a lock is about.
    """
    made: dict[Path, Lock] = {}
    for lock in national.locks:
        if lock.written is not None and document.data is not None:
            _fill(document.data, (), lock.key.pattern, lock, made)
    return made


def _fill(data: Value, path: Path, rest: Pattern, lock: Lock, made: dict[Path, Lock]) -> None:
    step, deeper = rest[0], rest[1:]
    if step == EACH:
        for at, item in enumerate(data if deeper and isinstance(data, list) else ()):
            _fill(item, (*path, at), deeper, lock, made)
    elif not isinstance(data, dict):
        return
    elif step == ANY:
        for name, item in data.items() if deeper else ():
            _fill(item, (*path, name), deeper, lock, made)
    elif not deeper:
        if step not in data:
            data[step] = lock.written
            made[(*path, step)] = lock
    else:
        below = _section(data, (*path, step), deeper, lock, made)
        _fill(below, (*path, step), deeper, lock, made)


def _section(
    data: dict[str, Value], path: Path, deeper: Pattern, lock: Lock, made: dict[Path, Lock]
) -> Value:
    """The section at ``path``; made where it is not there and the lock asks for it."""
    name = str(path[-1])
    if data.get(name) is not None or deeper[0] in (EACH, ANY):
        return data.get(name)
    optional = _may_be_absent(lock.key.pattern[: len(path)])
    if (optional and (lock.if_present or lock.kind == "free")) or (name in data and not optional):
        return None
    data[name] = {}
    made[path] = lock
    return data[name]


def _may_be_absent(pattern: Pattern) -> bool:
    key = find_key(SiteSheet, spell_key(pattern))
    return not key.required and key.default is None


def lock_faults(
    national: National, document: Document, sheet: SiteSheet | None, made: dict[Path, Lock]
) -> Iterator[Fault]:
    """Every key of ``document`` that is looser than the nation allows.

    What was written is judged first: it has a line, also where the site has other faults.
    Then what ``sheet`` came to hold is judged too: whatever way a value got there, it counts.
    """
    for lock in (*national.locks, *_implied(national)):
        faults = [
            fault
            for path, own in written(document.data, lock.key.pattern)
            if path not in made and own != TO_FILL
            for fault in _judge_written(document, path, own, lock)
        ]
        yield from faults or _judge_held(document, sheet, lock)


def _judge_written(document: Document, path: Path, own: Value, lock: Lock) -> Iterator[Fault]:
    try:
        wrong = lock.judge(lock.key.adapter.validate_python(own))
    except ValidationError:
        return  # told as a fault of the site itself
    if wrong:
        said = repr(own) if isinstance(own, str) else show(own)
        yield document.fault(path, f"{said} {wrong}", _both_lines(lock))


def _judge_held(document: Document, sheet: SiteSheet | None, lock: Lock) -> Iterator[Fault]:
    for value in held(sheet, lock.key.pattern):
        wrong = lock.judge(value)
        if wrong:
            line = document.line(lock.key.pattern)
            reason = f"{value!r} {wrong}"
            yield Fault(document.file, line, str(lock.key), reason, _both_lines(lock))
            return


def _both_lines(lock: Lock) -> str:
    else_holds = "its default" if lock.written is None else "the national value"
    return f"{lock.told}; without the key {else_holds} holds"


def held(value: object, pattern: Pattern) -> Iterator[object]:
    """Each value a model holds where ``pattern`` points."""
    if not pattern:
        yield value
        return
    step, rest = pattern[0], pattern[1:]
    if isinstance(value, BaseModel):
        fields = type(value).model_fields.items()
        for name in (name for name, field in fields if (field.alias or name) == step):
            yield from held(getattr(value, name), rest)
    elif isinstance(value, Mapping):
        for entry in value.values() if step == ANY else [value[step]] if step in value else []:
            yield from held(entry, rest)
    elif isinstance(value, list | tuple) and step == EACH:
        for item in value:
            yield from held(item, rest)


def _implied(national: National) -> Iterator[Lock]:
    """Locks of the keys nobody named, where the nation locks those too."""
    if national.others_line:
        for key in unnamed([lock.key.pattern for lock in national.locks]):
            if not key.required:
                yield Lock(key, "locked", national.file, national.others_line, key.default)


def unnamed(named: list[Pattern]) -> Iterator[Key]:
    """The keys that none of ``named`` is, holds or lies in.

    A section is one of them where a site may leave it out; of others each key is.
    """
    waiting = list(Key((), SiteSheet).children())
    while waiting:
        key = waiting.pop(0)
        if any(covers(pattern, key.pattern) for pattern in named):
            continue
        always_there = key.models and (key.required or key.default is not None)
        if always_there or any(covers(key.pattern, pattern) for pattern in named):
            waiting = [*key.children(), *waiting]
        else:
            yield key


def covers(outer: Pattern, inner: Pattern) -> bool:
    """Whether ``inner`` is ``outer`` or lies in it."""
    return len(outer) <= len(inner) and all(
        mine in (theirs, ANY) for mine, theirs in zip(outer, inner, strict=False)
    )
