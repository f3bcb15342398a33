"""The drivers by protocol: found in their folders when first used, each with a budget.

A driver is a folder ``drivers/<protocol>``: ``protocol.py`` with its types and ``AT_ONCE``, its
budget; ``client.py`` with the function that speaks it. A new one is that folder and a line here.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

from bloomery.drivers.ansible.protocol import Runner
from bloomery.drivers.redfish.protocol import Connect
from bloomery.drivers.ssh.protocol import Probe

C = TypeVar("C", bound=Callable[..., object])
T = TypeVar("T")


@dataclass(frozen=True)
class Driver(Generic[C]):
    """One protocol, and the function of its client."""

    protocol: str
    """Name of the folder."""
    entry: str
    """Name of the function in ``client.py``."""


REDFISH: Driver[Connect] = Driver("redfish", "connect")
SSH: Driver[Probe] = Driver("ssh", "probe")
ANSIBLE: Driver[Runner] = Driver("ansible", "run")


@dataclass
class _Budget:
    """How much of one protocol is done at once."""

    places: asyncio.Semaphore
    threads: ThreadPoolExecutor


@dataclass
class Drivers:
    """The clients of one provider process."""

    stand_ins: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    """Protocol -> function used in place of the client's, for tests on fakes."""
    _budgets: dict[str, _Budget] = field(default_factory=dict)

    def client(self, driver: Driver[C]) -> C:
        """The function that speaks the protocol.

        Clients stand on libraries whose import takes longer than an update that changes nothing
        spends in this process: they wait for the first device.
        """
        found = self.stand_ins.get(driver.protocol)
        if found is None:
            module = importlib.import_module(f"bloomery.drivers.{driver.protocol}.client")
            found = getattr(module, driver.entry)
        return cast("C", found)

    @asynccontextmanager
    async def place(self, driver: Driver[C]) -> AsyncIterator[None]:
        """Hold a place in the budget of the protocol."""
        async with self._budget(driver).places:
            yield

    async def blocking(self, driver: Driver[C], call: Callable[[], T]) -> T:
        """Run one blocking call off the event loop, within the protocol's budget.

        A call in flight cannot be withdrawn: when cancelled, this waits for its end, so that
        nobody takes a device over while it is still being written to.
        """
        budget = self._budget(driver)
        async with budget.places:
            loop = asyncio.get_running_loop()
            running = loop.run_in_executor(budget.threads, call)
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                await asyncio.wait({running})
                running.exception()  # nobody is left to hear it
                raise

    def _budget(self, driver: Driver[C]) -> _Budget:
        name = driver.protocol
        if name not in self._budgets:
            at_once = importlib.import_module(f"bloomery.drivers.{name}.protocol").AT_ONCE
            threads = ThreadPoolExecutor(at_once, thread_name_prefix=name)
            self._budgets[name] = _Budget(asyncio.Semaphore(at_once), threads)
        return self._budgets[name]
