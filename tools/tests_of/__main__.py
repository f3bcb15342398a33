"""``tools/tests-of FILE...``: prints the tests of source files, nearest first."""

from __future__ import annotations

import sys
from pathlib import Path

from tests_of.imports import Graph, read
from tests_of.nearest import nearest

ROOT = Path(__file__).resolve().parents[2]


def main(words: list[str]) -> int:
    """Print; returns the exit code: 1 where a file has no test, 2 where there is no such file."""
    files = [Path(word).resolve() for word in words]
    for word, file in zip(words, files, strict=True):
        if not (file.is_relative_to(ROOT) and file.is_file() and file.suffix == ".py"):
            sys.stderr.write(f"{word}: no Python file of this checkout\n")
            return 2
    graph = read(ROOT)
    return max((_show(graph, file.relative_to(ROOT)) for file in files), default=0)


def _show(graph: Graph, file: Path) -> int:
    found = nearest(graph, file)
    for near in found:
        way = "imports it" if near.imports == 1 else f"{near.imports} imports away"
        sys.stdout.write(f"{near.test}  ({way})\n")
    if not found:
        sys.stderr.write(f"{file}: no test imports it; CONTRIBUTING.md says where tests go\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
