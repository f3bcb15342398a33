"""How much is done at once, by kind of work.

More is measurably worse: an infra controller's own tuning at 1,000 hosts gave 139
machines a minute with 200 probes at once, and half of that with 400; more than 16
flashes at once made none ready (NICo's figures, in its issues 3758 to 3763).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

BMC_CALLS = 64
"""BMC calls at once over the whole site; also the threads that blocking drivers get."""

INSTALLS = 32
"""Installations at once: each streams an image over the BMC network."""

PROBES = 64
"""ssh probes at once; each costs a key exchange of some milliseconds of CPU."""

RUNS = 4
"""Playbooks at once; each forks for its hosts, so a site's runs queue rather than swap."""


class Budgets:
    """Semaphores per kind of work, and the executor for blocking drivers."""

    def __init__(self) -> None:
        self.installs = asyncio.Semaphore(INSTALLS)
        self.probes = asyncio.Semaphore(PROBES)
        self.runs = asyncio.Semaphore(RUNS)
        self._bmc = asyncio.Semaphore(BMC_CALLS)
        self._pool = ThreadPoolExecutor(BMC_CALLS + PROBES, thread_name_prefix="device")

    async def bmc(self, call: Callable[[], T]) -> T:
        """Run one blocking BMC call.

        A call in flight cannot be withdrawn: when cancelled, this waits for its end, so
        that nobody takes the machine over while it is still being written to.
        """
        async with self._bmc:
            running = asyncio.ensure_future(self.blocking(call))
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                await asyncio.wait({running})
                running.exception()  # nobody is left to hear it
                raise

    async def probe(self, call: Callable[[], T]) -> T:
        """Run one blocking ssh probe."""
        async with self.probes:
            return await self.blocking(call)

    async def blocking(self, call: Callable[[], T]) -> T:
        """Run any blocking call off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)
