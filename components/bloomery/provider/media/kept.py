"""What is kept of installation media in the cache: what was used of late.

Images and templates hold no secret and can be had again, so that nobody has to look after them.
When a file was used last is the time of a mark beside it: the file's own time is what a BMC is
told of its medium, and stays.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bloomery.errors import NotReadyError

UNUSED = datetime.timedelta(days=30)
"""After which a file goes: a site that is rolled out to in rings uses the same image for weeks."""

ABANDONED = datetime.timedelta(days=1)
"""After which a draft goes, which a killed process left: none is written for that long."""

MARK = ".used"
"""End of the name of a mark."""

DRAFT = ".draft-"
"""Beginning of the name of what is not finished yet."""


@dataclass(frozen=True)
class Removed:
    """What went."""

    files: int
    """Images and templates."""
    size: int
    """Bytes, those of drafts included."""


def mark_used(path: Path) -> None:
    """Note that a file of the cache is used now, whether it is there yet or not.

    Raises NotReadyError where the cache cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(path.parent):
            _mark(path).touch()
    except OSError as error:
        raise NotReadyError(
            f"{path.parent} cannot be written: {error.strerror}",
            next_step="give it room and rights, or name another folder in BLOOMERY_CACHE",
        ) from error


def remove_unused(folder: Path, now: datetime.datetime) -> Removed:
    """Remove from the cache what nobody used for ``UNUSED``, and drafts that nobody finishes.

    Raises OSError where that cannot be done.
    """
    if not folder.is_dir():
        return Removed(0, 0)
    with _alone(folder):
        gone = [path for path in folder.glob("*.iso") if _used(path) < now - UNUSED]
        size = sum(path.stat().st_size for path in gone)
        for path in gone:
            path.unlink()
        for mark in folder.glob(f"*{MARK}"):
            if not mark.with_suffix("").exists() and _changed(mark) < now - UNUSED:
                mark.unlink()
        size += sum(_abandoned(path, now) for path in folder.glob(f"{DRAFT}*"))
    return Removed(len(gone), size)


def _abandoned(path: Path, now: datetime.datetime) -> int:
    """Remove a draft that is old, and tell its bytes."""
    with contextlib.suppress(FileNotFoundError):  # just finished
        if _changed(path) < now - ABANDONED:
            inside = list(path.rglob("*")) if path.is_dir() else [path]
            size = sum(one.stat().st_size for one in inside if one.is_file())
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            return size
    return 0


def _used(path: Path) -> datetime.datetime:
    """When it was used last; before there were marks, when it came."""
    mark = _mark(path)
    return max(_changed(path), _changed(mark)) if mark.exists() else _changed(path)


def _changed(path: Path) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)


def _mark(path: Path) -> Path:
    return path.with_name(path.name + MARK)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time, so that nothing goes that another has just found there."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
