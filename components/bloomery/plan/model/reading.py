"""JSON back into the frozen plan: every value by the type of its field, every fault at once."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def read(cls: type[T], data: object) -> tuple[T | None, tuple[tuple[str, str], ...]]:
    """The dataclass ``cls`` from parsed JSON, and what is wrong as (path, reason).

    The value is None where anything is wrong. A missing key with a default takes it, so that a
    plan of an older version can be read; an unknown key is a fault, since it would be lost.
    """
    faults: list[tuple[str, str]] = []
    made = _dataclass(cls, data, "", faults)
    return (None if faults else made), tuple(faults)  # type: ignore[return-value]  # made by cls


Faults = list[tuple[str, str]]


def _value(hint: object, data: object, path: str, faults: Faults) -> object:
    origin = get_origin(hint)
    if hint is object:
        return data  # plain data of any type
    if isinstance(hint, type):
        if is_dataclass(hint):
            return _dataclass(hint, data, path, faults)
        return _row(hint, data, path, faults) if _named(hint) else _scalar(hint, data, path, faults)
    if origin in (Union, types.UnionType):
        inner = next(arg for arg in get_args(hint) if arg is not type(None))
        return None if data is None else _value(inner, data, path, faults)
    if origin is tuple:
        return _tuple(get_args(hint)[0], data, path, faults)
    return _mapping(get_args(hint)[1], data, path, faults)


def _dataclass(cls: type, data: object, path: str, faults: Faults) -> object:
    if not isinstance(data, dict):
        faults.append((path or "(plan)", f"is {_kind(data)}, not a mapping"))
        return None
    hints, made = _hints(cls), {}
    faults.extend((f"{path}{key}", "unknown key") for key in data if key not in hints)
    for name, required in _fields(cls):
        if name in data:
            made[name] = _value(hints[name], data[name], f"{path}{name}.", faults)
        elif required:
            faults.append((f"{path}{name}", "is missing"))
    return cls(**made) if not faults else None


def _tuple(hint: object, data: object, path: str, faults: Faults) -> object:
    if not isinstance(data, list):
        faults.append((path[:-1], f"is {_kind(data)}, not a list"))
        return None
    stem = path[:-1]
    if isinstance(hint, type) and _named(hint):
        return tuple(_rows(hint, data, stem, faults))
    return tuple(_value(hint, item, f"{stem}[{n}].", faults) for n, item in enumerate(data))


def _mapping(hint: object, data: object, path: str, faults: Faults) -> object:
    if not isinstance(data, dict):
        faults.append((path[:-1], f"is {_kind(data)}, not a mapping"))
        return None
    return {key: _value(hint, item, f"{path}{key}.", faults) for key, item in data.items()}


def _rows(cls: type, data: list[object], stem: str, faults: Faults) -> Iterator[object]:
    """Named tuples, tens of thousands of them: the types of a whole row are compared at once."""
    exact = tuple(_hints(cls).values())
    for number, item in enumerate(data):
        if isinstance(item, list) and tuple(map(type, item)) == exact:
            yield cls(*item)
        else:
            yield _row(cls, item, f"{stem}[{number}].", faults)


def _row(cls: type, data: object, path: str, faults: Faults) -> object:
    hints = _hints(cls)
    if isinstance(data, dict):
        data = [data.get(name, _defaults(cls).get(name)) for name in hints]
    if not isinstance(data, list) or len(data) != len(hints):
        faults.append((path[:-1], f"is not a row of {len(hints)} values"))
        return None
    pairs = zip(hints.items(), data, strict=True)
    found = [_scalar(hint, item, f"{path}{name}.", faults) for (name, hint), item in pairs]
    return cls(*found)


def _scalar(hint: object, data: object, path: str, faults: Faults) -> object:
    if hint is float and isinstance(data, int | float) and not isinstance(data, bool):
        return data  # 3 stays 3: the same plan must give the same bytes
    if isinstance(hint, type) and type(data) is hint:
        return data
    name = hint.__name__ if isinstance(hint, type) else str(hint)
    faults.append((path[:-1], f"is {_kind(data)}, not {WORDS.get(name, name)}"))
    return None


WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false"}
"""Type of a field -> what a person calls it."""


def _kind(data: object) -> str:
    return "null" if data is None else WORDS.get(type(data).__name__, f"a {type(data).__name__}")


def _defaults(cls: type) -> Mapping[str, object]:
    found: Mapping[str, object] = vars(cls)["_field_defaults"]
    return found


def _named(hint: type) -> bool:
    return issubclass(hint, tuple) and hasattr(hint, "_fields")


@cache
def _hints(cls: type) -> Mapping[str, object]:
    return get_type_hints(cls)


@cache
def _fields(cls: type) -> tuple[tuple[str, bool], ...]:
    """Name of each field, and whether a plan must have it."""
    return tuple(
        (item.name, item.default is MISSING and item.default_factory is MISSING)
        for item in fields(cls)
    )
