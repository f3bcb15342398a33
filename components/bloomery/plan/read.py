"""A plan back from its JSON, for comparing what shall be with what was.

Numbers are taken as they stand, so that a plan that was read gives the same bytes again.
A field that an older plan lacks takes its default; one that is known no more is passed
over.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from bloomery.plan.model import Plan

T = TypeVar("T")

Reader = Callable[[Any], Any]
"""From what JSON holds to what a field holds."""


def read_plan(data: bytes) -> Plan:
    """The plan in ``data``. Raises ValueError naming what is missing or of another shape."""
    try:
        value = json.loads(data)
    except ValueError:
        raise ValueError("a plan is JSON, and this is none") from None
    made = _record(Plan)(value)
    assert isinstance(made, Plan)  # noqa: S101 - what the reader of Plan makes
    return made


@cache
def _record(cls: type) -> Reader:
    """Reader of a dataclass, made once a class: a large plan has tens of thousands of parts."""
    hints = get_type_hints(cls)
    readers = {field.name: _reader(hints[field.name], field.name) for field in fields(cls)}
    needed = {
        field.name
        for field in fields(cls)
        if field.default is MISSING and field.default_factory is MISSING
    }

    def read(value: Any) -> Any:  # noqa: ANN401 - JSON
        if not isinstance(value, dict):
            raise ValueError(f"{cls.__name__} is not a mapping")
        if not needed <= value.keys():
            missing = ", ".join(sorted(needed - value.keys()))
            raise ValueError(f"{cls.__name__} lacks {missing}")
        return cls(**{key: readers[key](item) for key, item in value.items() if key in readers})

    return read


def _reader(hint: Any, name: str) -> Reader:  # noqa: ANN401 - annotations have no type
    origin = get_origin(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return _record(hint)
    if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        return _row(hint, name)
    if origin in (Union, types.UnionType):
        inner = _reader(next(a for a in get_args(hint) if a is not type(None)), name)
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        return _list(_reader(get_args(hint)[0], name), name)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(_reader(get_args(hint)[1], name), name)
    return _scalar(hint, name)


def _row(cls: type, name: str) -> Reader:
    def read(value: Any) -> Any:  # noqa: ANN401 - JSON
        if not isinstance(value, list):
            raise ValueError(f"{name} holds a row that is not a list")
        try:
            return cls(*value)
        except TypeError:
            raise ValueError(f"{name} holds a row of {len(value)} columns") from None

    return read


def _list(item: Reader, name: str) -> Reader:
    def read(value: Any) -> Any:  # noqa: ANN401 - JSON
        if not isinstance(value, list):
            raise ValueError(f"{name} is not a list")
        return tuple(item(one) for one in value)

    return read


def _mapping(item: Reader, name: str) -> Reader:
    def read(value: Any) -> Any:  # noqa: ANN401 - JSON
        if not isinstance(value, dict):
            raise ValueError(f"{name} is not a mapping")
        return {key: item(one) for key, one in value.items()}

    return read


def _scalar(hint: Any, name: str) -> Reader:  # noqa: ANN401 - annotations have no type
    wanted = (int, float) if hint in (int, float) else (hint,)

    def read(value: Any) -> Any:  # noqa: ANN401 - JSON
        if not isinstance(value, wanted):
            raise ValueError(f"{name} is {type(value).__name__}, not {hint.__name__}")
        return value

    return read
