"""What imports cannot tell: clock, chance, files, environment and processes in a source text.

The rooms that plan give the same result for the same text, at any time and on any machine.
``.importlinter`` forbids them the modules for anything else and lists the loaders, the modules
that read and write the files of a person; here is what is left open where a module is not
forbidden as a whole, or is built in.
"""

from __future__ import annotations

import ast
import configparser
from collections.abc import Iterator
from pathlib import Path

from checkout import REPO

PACKAGE = REPO / "components" / "bloomery"
CONTRACT = "importlinter:contract:still"

BUILT_IN = {
    "open": "file",
    "hash": "chance",  # of a text it is another one in each process
    "exec": "process",
    "eval": "process",
    "__import__": "process",
    "print": "terminal",
    "input": "terminal",
}
"""Functions that need no import -> kind."""

OF_THINGS = {
    "clock": {"now", "utcnow", "today"},
    "chance": {"uuid1", "uuid4", "SystemRandom"},
    "network": {"urlopen", "urlretrieve"},
    "environment": {"environ", "getenv", "cwd", "home", "expanduser"},
    "file": {
        "open", "FileIO", "read_text", "read_bytes", "write_text", "write_bytes", "exists",
        "lexists", "is_file", "is_dir", "is_symlink", "iterdir", "glob", "rglob", "mkdir",
        "touch", "unlink", "rmdir", "stat", "lstat", "chmod", "symlink_to", "readlink",
        "samefile", "resolve", "absolute",
    },
}  # fmt: skip
"""Kind -> names of methods, attributes and what is imported by name."""

FOR_LOADERS = {"file", "environment"}
"""Kinds that are the work of loaders."""

FROM_SITE = {"find_site", "load"}
"""Doors of ``bloomery.site`` that read files: only what stands before the plan goes through."""


def rooms() -> tuple[str, ...]:
    """The modules that stand at the head of the rooms the contract is about."""
    return tuple(_contract()["source_modules"].split())


def loaders() -> dict[str, str]:
    """Module that may reach files -> the reason that stands above it in ``.importlinter``."""
    found: dict[str, str] = {}
    reason = ""
    for line in _ignored():
        if line.startswith("#"):
            reason = line.lstrip("# ")
        else:
            found.setdefault(line.partition(" -> ")[0], reason)
    return found


def _contract() -> configparser.SectionProxy:
    parser = configparser.ConfigParser()
    parser.read(REPO / ".importlinter")
    return parser[CONTRACT]


def _ignored() -> Iterator[str]:
    """Lines of the exceptions, comments included."""
    section = (REPO / ".importlinter").read_text().partition(f"[{CONTRACT}]")[2].partition("\n[")[0]
    for line in section.partition("ignore_imports =\n")[2].splitlines():
        if line.strip():
            yield line.strip()


def impure(module: str, source: str, known: dict[str, str]) -> Iterator[str]:
    """What in a module of these rooms depends on more than what is given to it."""
    loader = module in known
    for node in ast.walk(ast.parse(source)):
        for name, kind in _kinds(node):
            if not (loader and kind in FOR_LOADERS):
                yield f"{module}:{getattr(node, 'lineno', 0)} {name}: {kind}"
        if not loader and isinstance(node, ast.ImportFrom):
            for name in _loaded(module, node, known):
                yield f"{module}:{node.lineno} {name}: loader of the site"


def _kinds(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name in BUILT_IN:
            yield name, BUILT_IN[name]
            return
        case ast.Attribute(attr=name):
            names = [name]
        case ast.ImportFrom(names=aliases):
            names = [alias.name for alias in aliases]
        case _:
            return
    yield from ((name, kind) for kind, of in OF_THINGS.items() for name in names if name in of)


def _loaded(module: str, node: ast.ImportFrom, known: dict[str, str]) -> Iterator[str]:
    """A way to the files of a site by its loaders, from the rooms behind it."""
    source = node.module or ""
    if module.startswith("bloomery.site"):
        return
    if source == "bloomery.site":
        yield from (alias.name for alias in node.names if alias.name in FROM_SITE)
    elif source.startswith("bloomery.site.") and source in known:
        yield source


def modules(room: str) -> Iterator[tuple[str, Path]]:
    """Every module of a room with its file."""
    for path in sorted((PACKAGE.parent / room.replace(".", "/")).rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path
