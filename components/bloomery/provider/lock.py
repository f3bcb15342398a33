"""One lock file per subject, so that two providers never work on one machine or run.

``flock`` goes with the process, so a killed provider leaves no lock behind. The file
says who holds it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bloomery.errors import Held

WAIT = 30.0
"""Seconds to wait for a lock: an orphaned provider dies within a second of its engine,
so whoever still holds it after this is really at work."""

POLL = 0.1
"""Seconds between two tries; ``flock`` has no asynchronous form."""


@asynccontextmanager
async def subject_lock(folder: Path, subject: str, wait: float = WAIT) -> AsyncIterator[None]:
    """Hold the lock of ``subject``. Raises Held naming the holder after ``wait`` seconds."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / f"{subject}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        await _acquire(handle, subject, wait)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"pid {os.getpid()}".encode(), 0)
        yield
    finally:
        os.close(handle)


async def _acquire(handle: int, subject: str, wait: float) -> None:
    deadline = asyncio.get_running_loop().time() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if asyncio.get_running_loop().time() > deadline:
                holder = os.pread(handle, 64, 0).decode() or "another process"
                raise Held(
                    f"is locked by {holder}",
                    subject=subject,
                    next_step="wait for it, or pulumi cancel",
                ) from None
            await asyncio.sleep(POLL)
