"""``docs/plan-document.md``: every field of ``plan.json``, from the classes it is read into."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import get_args, get_type_hints

from bloomery.plan.model import Plan
from bloomery.plan.model.earlier import SCHEMA
from pages.fields import attribute_docs, flat, sources

INTRO = f"""\
# The plan as a document

`bloomery plan SITE --json` prints it, `--out DIR` writes it as `plan.json`; `plan diff` and
`wiring compare` read it. It is one JSON object with the keys of *Plan*; each section below is one
kind of object in it. Keys are sorted, numbers have the unit that the key or its meaning names, and
the same site gives the same bytes. A key is always there, but for those that say when they are left
out.

`schema` is the version of this page: **{SCHEMA}**. It rises when a key is removed, renamed or means
something else; a new key does not raise it. Documents of earlier schemas are read on. The digest of
a plan is that of a shorter form (the same values, cables as bare rows), and so not the SHA-256 of
this document.

This page is generated: `make docs`.
"""

_PLAIN = (
    (r" \| None", " or null"),
    (r"tuple\[(.+), \.\.\.\]", r"list of \1"),
    (r"Mapping\[(\w+), (.+)\]", r"mapping of \1 to \2"),
    (r"\bint\b", "whole number"),
    (r"\bfloat\b", "number"),
    (r"\bstr\b", "text"),
    (r"\bbool\b", "true / false"),
    (r"\bobject\b", "any value"),
)
"""Python's way to write a type -> what people call it."""


def page() -> str:
    """The page as it should be."""
    return INTRO + "".join(_section(part) for part in parts(Plan, {}))


def parts(cls: type, seen: dict[type, None]) -> Iterator[type]:
    """``cls`` and every class below it, each once, top down."""
    if cls in seen:
        return
    seen[cls] = None
    yield cls
    for hint in get_type_hints(cls).values():
        for below in _classes(hint):
            yield from parts(below, seen)


def _classes(hint: object) -> Iterator[type]:
    if isinstance(hint, type) and (is_dataclass(hint) or hasattr(hint, "_fields")):
        yield hint
    for inner in get_args(hint):
        yield from _classes(inner)


def _section(cls: type) -> str:
    told = attribute_docs(cls)
    rows = "".join(
        f"| `{name}` | {_plain(spelled)} | {told.get(name, '')} |\n"
        for name, spelled in _spelled(cls)
    )
    head = f"\n## {cls.__name__}\n\n{flat(inspect.getdoc(cls) or '')}\n\n"
    return head + "| key | type | meaning |\n|---|---|---|\n" + rows


def _spelled(cls: type) -> Iterator[tuple[str, str]]:
    for owner in sources(cls):
        for node in owner.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                yield node.target.id, ast.unparse(node.annotation)


def _plain(spelled: str) -> str:
    for pattern, plain in _PLAIN:
        spelled = re.sub(pattern, plain, spelled)
    return spelled
