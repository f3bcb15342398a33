"""The project rules as functions from text to findings, so that each can be shown to find."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 500
FUNCTION_LINES = 60
"""Budgets of the project; docs/architecture.md says why."""

GOLDEN_LINES = 700
"""Budget of a file a result is compared with: whoever changes it must be able to read it."""

GENERATED = ("requirements.txt", "requirements-dev.txt", "LICENSE")
"""Files nobody reads line by line."""

BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "stuff"}
"""Names that tell where a thing is put and not what it is."""

REGISTRIES = [
    name[::-1]
    for name in (
        "gro.ipyp",
        "gro.detsohnohtyp",
        "gro.naibed.bed",
        "naibed/gro.naibed",
        "moc.utnubu.evihcra",
        "moc.utnubu.ytiruces",
        "gro.gnalog.yxorp",
        "gro.gnalog.mus",
        "gro.sjmpn.yrtsiger",
    )
]
"""Hosts of package registries: a site brings its own mirror, so none is written down.
Spelled from behind, or this file would be its own finding."""

MACHINE_PATHS = [
    re.compile(pattern)
    for pattern in (
        r"/work/[a-z]",
        r"\.pyenv/",
        r"/opt/wheel" + "s",
        r"/home/(?!deploy\b)[a-z]\w+/",
    )
]
"""Paths of one machine. ``/root`` and ``/var`` on the hosts are none."""

DANGLING = re.compile(r"\breference/\w+\.md|\bdesign\.md|\(design, section|\bdesign section \d")
"""Pages that are not in this repository: a reader cannot follow them."""


def oversized(name: str, source: str) -> Iterator[str]:
    """A file or a function above its budget."""
    lines = source.count("\n")
    if lines > FILE_LINES:
        yield f"{name}: {lines} lines, the budget is {FILE_LINES}"
    if name.endswith(".py"):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    yield f"{name}:{node.lineno} {node.name}: {length} lines of {FUNCTION_LINES}"


def unreviewable(name: str, source: str) -> Iterator[str]:
    """A file of expected results that nobody can read before committing it."""
    lines = source.count("\n")
    if lines > GOLDEN_LINES:
        yield f"{name}: {lines} lines, the budget is {GOLDEN_LINES}; keep totals and a digest"


def vaguely_named(name: str) -> Iterator[str]:
    """A part of a path that says nothing."""
    for part in Path(name).with_suffix("").parts:
        if part.strip("_").lower() in BANNED_NAMES:
            yield f"{name}: {part!r} does not say what is in it"


def undocumented(name: str, source: str) -> Iterator[str]:
    """Public modules, classes, functions and constants without a word on what they are."""
    tree = ast.parse(source)
    if not ast.get_docstring(tree):
        yield f"{name}: the module has no docstring"
    yield from _undocumented_names(name, tree.body)


def _undocumented_names(name: str, body: list[ast.stmt], owner: str = "") -> Iterator[str]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_") or _is_overload(node):
            continue
        if not ast.get_docstring(node):
            yield f"{name}:{node.lineno} {owner}{node.name} has no docstring"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented_names(name, node.body, f"{node.name}.")


def _is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(names & {"overload", "override", "setter"})


def uncharted(name: str, source: str) -> Iterator[str]:
    """A package whose ``__init__`` does not say what lives there and what must not."""
    said = ast.get_docstring(ast.parse(source)) or ""
    if not said:
        yield f"{name}: no charter"
    elif not re.search(r"\b(must|may|do|does|can)(\s+\w+)?\s+not\b|\bnever\b|\bonly\b", said, re.I):
        yield f"{name}: the charter does not say what must not live there"


def foreign(name: str, text: str) -> Iterator[str]:
    """A registry's address or a path of one machine."""
    for number, line in enumerate(text.splitlines(), 1):
        for host in REGISTRIES:
            if host in line:
                yield f"{name}:{number} names the registry {host}"
        for pattern in MACHINE_PATHS:
            if pattern.search(line):
                yield f"{name}:{number} names a path of one machine: {line.strip()[:80]}"


def dangling(name: str, text: str) -> Iterator[str]:
    """A pointer to a page that is not here."""
    for number, line in enumerate(text.splitlines(), 1):
        if DANGLING.search(line):
            yield f"{name}:{number} points to a page that is not here: {line.strip()[:80]}"
