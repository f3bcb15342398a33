"""Lists and mappings of a document as they were written, before any meaning is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bloomery.errors import Fault
from bloomery.site.reading.document import Document, Path, Value

Entry = dict[str, Value]
"""One mapping of a list. A key with nothing behind it is not in it: it gives no value."""

Entries = Sequence[tuple[Path, Entry]]
"""Entries of a list, each with its place in the document."""


def entries(value: Value, path: Path) -> Entries:
    """The mappings of the list ``value`` at ``path``; none where it is no list."""
    items = value if isinstance(value, list) else []
    return [((*path, at), _given(item)) for at, item in enumerate(items) if isinstance(item, dict)]


def _given(item: Entry) -> Entry:
    return {key: value for key, value in item.items() if value is not None}


def mapping(value: Value) -> Mapping[str, Value]:
    """``value`` where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def taken_twice(document: Document, named: Entries) -> Iterator[Fault]:
    """Each entry whose name an earlier one of the same list has."""
    first: dict[str, Path] = {}
    for path, entry in named:
        name = entry.get("name")
        if not isinstance(name, str):
            continue
        if name in first:
            *_, held, at = first[name]
            yield document.fault((*path, "name"), f"name {name!r} is taken", f"{held}[{at}] has it")
        first.setdefault(name, path)
