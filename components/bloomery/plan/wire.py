"""A slice of the plan as the plain properties that cross the engine, and back.

Pulumi's convention is camelCase keys and numbers without a type; the plan is
snake_case dataclasses. Keys of free mappings (BIOS attributes, host names) are data
and stay as they are.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from bloomery.plan.sparse import shown

Wire: TypeAlias = "bool | float | int | str | list[Wire] | dict[str, Wire] | None"
"""A value as it crosses the engine."""

T = TypeVar("T")


def camel(name: str) -> str:
    """``install_generation`` -> ``installGeneration``."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def to_wire(value: object) -> Wire:
    """Plain properties of a dataclass, mapping, sequence or scalar."""
    if is_dataclass(value) and not isinstance(value, type):
        return {camel(name): to_wire(held) for name, held in shown(value)}
    if isinstance(value, Mapping):
        return {str(key): to_wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_wire(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} has no wire form")


def props(value: object) -> dict[str, Wire]:
    """Like ``to_wire`` for a dataclass or mapping, whose result is always a mapping."""
    wire = to_wire(value)
    if not isinstance(wire, dict):
        raise TypeError(f"{type(value).__name__} is not a set of properties")
    return wire


def from_wire(cls: type[T], data: Mapping[str, Wire]) -> T:
    """The dataclass ``cls`` from plain properties.

    Raises ValueError naming the first key that is missing or of another shape, with its
    path (``host.sshPort is missing``).
    Unknown keys are ignored: a resource adds some of its own. A field of type ``object`` takes
    plain data of any type.
    """
    hints = _hints(cls)  # type: ignore[arg-type]  # every class is hashable
    made: dict[str, object] = {}
    for field in fields(cls):  # type: ignore[arg-type]  # cls is a dataclass by contract
        key = camel(field.name)
        if key in data:
            made[field.name] = _typed(hints[field.name], data[key], key)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{key} is missing")
    return cls(**made)


@cache
def _hints(cls: type) -> dict[str, object]:
    """Types of the fields. Python compiles them anew at every question; a site asks often."""
    return get_type_hints(cls)


def _typed(hint: object, value: Wire, key: str) -> object:
    origin = get_origin(hint)
    if hint is object:
        return _free(value)
    if isinstance(hint, type) and is_dataclass(hint):
        inner_data = _mapping(value, key)
        try:
            return from_wire(hint, inner_data)
        except ValueError as error:
            raise ValueError(f"{key}.{error}") from None
    if origin in (Union, types.UnionType):
        inner = [arg for arg in get_args(hint) if arg is not type(None)]
        return None if value is None else _typed(inner[0], value, key)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{key} is not a list")
        return tuple(_typed(get_args(hint)[0], item, key) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        inner_hint = get_args(hint)[1]
        return {k: _typed(inner_hint, v, f"{key}.{k}") for k, v in _mapping(value, key).items()}
    return _scalar(hint, value, key)


def _free(value: Wire) -> Wire:
    """Data as it was before it crossed the engine, which knows one kind of number only."""
    if isinstance(value, dict):
        return {key: _free(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_free(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _mapping(value: Wire, key: str) -> Mapping[str, Wire]:
    if not isinstance(value, dict):
        raise ValueError(f"{key} is not a mapping")
    return value


def _scalar(hint: object, value: Wire, key: str) -> object:
    if hint is bool and isinstance(value, bool):
        return value
    if hint is int and isinstance(value, int | float) and not isinstance(value, bool):
        if not float(value).is_integer():
            raise ValueError(f"{key} is not a whole number")
        return int(value)
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if hint is str and isinstance(value, str):
        return value
    raise ValueError(f"{key} has the wrong type ({type(value).__name__})")
