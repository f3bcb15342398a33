"""Who imports whom, by file, read from the text of package, tools, stacks and tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOTS = ("components", "tools", "stacks")
"""Folders on the path of imports: modules in them are known by their whole dotted name."""

TESTS = "tests"
"""Modules below it are known by their name alone: pytest puts the folder of each on the path."""

PROGRAMMES = {"stacks": "__main__"}
"""Folder that the engine runs as a whole -> module it begins with."""

Names = Mapping[str, list[Path]]
"""Dotted name -> files that are imported by it."""


@dataclass(frozen=True)
class Links:
    """What one file leads to."""

    imports: frozenset[Path]
    starts: frozenset[Path]
    """Modules it names in a text: started as processes of their own, or imported by name."""


@dataclass(frozen=True)
class Graph:
    """Files of one checkout, by path below its root, and what each of them leads to."""

    links: Mapping[Path, Links]

    @property
    def tests(self) -> list[Path]:
        """Files that pytest collects; what else lies below ``tests`` is part of those."""
        return sorted(file for file in self.links if is_test(file))


def is_test(file: Path) -> bool:
    """Whether pytest collects the file."""
    return file.parts[0] == TESTS and file.name.startswith("test_")


def read(root: Path) -> Graph:
    """The graph of the checkout at ``root``."""
    trees = {
        path.relative_to(root): ast.parse(path.read_text(encoding="utf-8"))
        for top in (*ROOTS, TESTS)
        for path in sorted((root / top).rglob("*.py"))
    }
    names: dict[str, list[Path]] = {}
    for file in trees:
        names.setdefault(_name(file, trees), []).append(file)
    return Graph({file: _links(file, tree, names) for file, tree in trees.items()})


def _name(file: Path, known: Mapping[Path, object]) -> str:
    """The dotted name a file is imported by."""
    parts = file.with_suffix("").parts
    first = 1
    if parts[0] == TESTS:
        first = len(parts) - 1
        while Path(*parts[:first], "__init__.py") in known:
            first -= 1
    return ".".join(part for part in parts[first:] if part != "__init__")


def _links(file: Path, tree: ast.Module, names: Names) -> Links:
    imports: set[Path] = set()
    starts: set[Path] = set()
    for node in ast.walk(tree):
        imports.update(near for name in _asked(node) for near in _nearest(file, name, names))
        starts.update(
            near for name in _started(node, names) for near in _nearest(file, name, names)
        )
    if is_test(file):  # fixtures of the folders above a test are part of it
        imports.update(path for path in names.get("conftest", []) if path.parent in file.parents)
    return Links(frozenset(imports - {file}), frozenset(starts - {file}))


def _asked(node: ast.AST) -> Iterator[str]:
    """Dotted names a statement imports; of ``from a import b`` both a and a.b."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _started(node: ast.AST, names: Names) -> Iterator[str]:
    """Modules named in a text: ``"a.b"``, ``f"a.{b}"`` for all of a, the folder of a programme."""
    match node:
        case ast.Constant(value=str(name)) if "." in name:
            yield name
        case ast.Constant(value=str(name)) if name in PROGRAMMES:
            yield PROGRAMMES[name]
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if start.endswith("."):
            yield from (name for name in names if name.rpartition(".")[0] == start[:-1])


def _nearest(file: Path, name: str, names: Names) -> list[Path]:
    """Of several modules of one name below ``tests``, that of the nearest folder."""

    def shared(other: Path) -> int:
        return sum(mine == theirs for mine, theirs in zip(file.parts, other.parts, strict=False))

    return sorted(names.get(name, []), key=shared)[-1:]
