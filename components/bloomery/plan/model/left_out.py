"""Fields that are written only where they hold something.

They came after plans had been sealed: a plan that has no use for them keeps its bytes and its
digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from types import MappingProxyType

LEFT_OUT_EMPTY: Mapping[str, bool] = MappingProxyType({"left_out_empty": True})
"""Metadata of such a field."""


def written(value: object) -> Mapping[str, object]:
    """Fields of the dataclass ``value`` that are written: name -> what it holds."""
    found = ((name, getattr(value, name), may_lack) for name, may_lack in _fields(type(value)))  # type: ignore[arg-type]  # every class is hashable
    return {name: held for name, held, may_lack in found if held or not may_lack}


@cache
def _fields(cls: type) -> tuple[tuple[str, bool], ...]:
    """Name of each field, and whether it is left out where it is empty."""
    return tuple((it.name, "left_out_empty" in it.metadata) for it in fields(cls))
