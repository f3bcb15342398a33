"""Making a folder of the cache: under a lock, elsewhere first, then renamed.

A build that was killed leaves a draft, never a folder with the final name; the next
one removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.present import seal
from engine.recipe import key
from progress import Progress

DRAFT = ".draft-"


@contextmanager
def locked(cache: Path, say: Progress) -> Iterator[None]:
    """Hold the cache: two set-ups at once build once, and the second one waits."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say.line("      another set-up is making the engine; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def discard(folder: Path) -> None:
    """Remove a folder; Go's module cache is read-only, so rights are given first."""
    for parent, _, _ in os.walk(folder):
        Path(parent).chmod(0o700)
    shutil.rmtree(folder)


@contextmanager
def draft(cache: Path) -> Iterator[Path]:
    """A fresh folder beside the final ones; gone afterwards. Call with the lock held."""
    for left in cache.glob(DRAFT + "*"):
        discard(left)
    folder = Path(tempfile.mkdtemp(prefix=DRAFT, dir=cache))
    try:
        yield folder
    finally:
        if folder.exists():
            discard(folder)


def place(parts: Path, cache: Path, source: str) -> None:
    """Seal the finished folder ``parts`` and give it its final name."""
    seal(parts, source)
    final = cache / key(source)
    if final.exists():
        discard(final)
    parts.chmod(0o755)
    os.replace(parts, final)
