"""What the phases of one subject share while it is being brought up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bloomery.errors import BloomeryError, Busy, Unreachable
from bloomery.provider.context import Context
from bloomery.provider.journal import Journal

TELL_EVERY = 15.0
"""Seconds between two progress lines of one wait."""


class Stuck(BloomeryError):
    """The subject stays where it is; says where, why and what next.

    ``mute``: it never answered as it should, which an unfinished installation explains.
    """

    def __init__(self, phase: str, reason: str, next_step: str, *, mute: bool = False) -> None:
        super().__init__(reason, next_step=next_step)
        self.phase = phase
        self.mute = mute


@dataclass(kw_only=True)
class Work:
    """One subject, one operation."""

    context: Context
    urn: str
    subject: str
    """Its name: that of its journal and its lock, and what operators call it."""
    phase: str = ""
    reason: str = ""
    next_step: str = ""
    clock: asyncio.Timeout | None = None
    """Time limit of the running phase."""
    _told: float = field(default=0.0)

    @property
    def journal(self) -> Journal:
        """Journal of the subject."""
        return self.context.journal(self.subject)

    @property
    def trouble(self) -> str:
        """Why its device gave no answer last; empty once it did."""
        return ""

    async def waiting(self, reason: str, next_step: str) -> None:
        """Remember why we wait, and say so from time to time."""
        self.reason, self.next_step = reason, next_step
        now = time.monotonic()
        if now - self._told > TELL_EVERY:
            self._told = now
            line = f"{self.subject} {self.phase}: {reason}; next: {next_step}"
            await self.context.log.status(self.urn, line)

    async def until(
        self, done: Callable[[], Awaitable[bool]], every: float, reason: str, next_step: str
    ) -> None:
        """Poll ``done``; a silent or busy device counts as not yet."""
        while True:
            try:
                if await done():
                    return
                await self.waiting(reason, next_step)
            except (Busy, Unreachable) as error:
                await self.waiting(f"{reason}; {error.reason}", next_step)
            await asyncio.sleep(every)

    @asynccontextmanager
    async def place(self, budget: asyncio.Semaphore) -> AsyncIterator[None]:
        """Hold a place in a budget; the phase's clock stands still while it waits for one."""
        clock, now = self.clock, asyncio.get_running_loop().time
        ends = clock.when() if clock else None
        left = ends - now() if ends is not None else None
        if clock:
            clock.reschedule(None)
        if budget.locked():
            await self.waiting("queued", "wait: the limit of concurrent work is reached")
        async with budget:
            if clock and left is not None:
                clock.reschedule(now() + left)
            yield
