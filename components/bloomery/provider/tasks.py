"""Small background work, such as a progress line sent from a callback.

asyncio keeps only a weak reference to a task, so somebody has to hold it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


class Tasks:
    """Holds tasks until they end."""

    def __init__(self) -> None:
        self._held: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Run ``work`` in the background of the running loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._held.add(task)
        task.add_done_callback(self._held.discard)
