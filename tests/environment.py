"""The environment a test runs in is its developer's own: no test may change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

BYTECODE = "__pycache__"
"""Python writes it where a module is first imported: it decides nothing."""

Entry = tuple[int, ...] | str

HANGS_S = 3600
"""Seconds after which a command hangs. How fast it should be is measured by ``make bench``: on busy
cores a first update of four real hosts takes a quarter of this."""


def state(venv: Path) -> Mapping[str, Entry]:
    """What decides how the environment behaves: its own files, programs, links and packages.

    Files by inode, time and size, links by target, folders by being there: what lies inside a
    package changes together with the folder of its version.
    """
    folders = [venv, venv / "bin", *venv.glob("lib/python*/site-packages")]
    entries = (entry for folder in folders for entry in folder.iterdir())
    return {str(e.relative_to(venv)): _entry(e) for e in entries if e.name != BYTECODE}


def _entry(path: Path) -> Entry:
    if path.is_symlink():
        return str(path.readlink())
    if path.is_dir():
        return "folder"
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def untouched(venv: Path) -> Iterator[None]:
    """Fails when what is done inside changes the environment."""
    before = state(venv)
    yield
    after = state(venv)
    changed = sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
    assert not changed, f"this test changed the environment it runs in, {venv}: {changed}"
