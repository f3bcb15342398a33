"""Fields of a plan that stand in its bytes only where they say something.

A plan is known by the digest of its bytes. A field that few sites use is left out of the plans of
all others, so that those keep their digest; the reader gives it its default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SPARSE: Mapping[str, bool] = MappingProxyType({"sparse": True})
"""Metadata of such a field."""


def shown(value: DataclassInstance) -> Iterator[tuple[str, Any]]:
    """Name and value of each field of ``value``; of sparse ones those that are not empty."""
    for item in fields(value):
        held = getattr(value, item.name)
        if held or not item.metadata.get("sparse"):
            yield item.name, held
