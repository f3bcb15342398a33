"""One ``up`` or ``down`` of a lab at a time; a killed one leaves no lock behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bloomery.errors import NotReadyError


@contextmanager
def held(path: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Hold the lock at ``path``; ``waiting`` is called once when another process has it.

    Yields the handle; a child that inherits it keeps the lock as long as it lives.
    NotReadyError where the place belongs to another user.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise NotReadyError(
            "belongs to another user", subject=str(path), next_step="run as that user, or as root"
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)
