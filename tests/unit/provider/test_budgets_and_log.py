"""Small parts: budgets, background tasks, the log of a lost engine."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from bloomery.provider.budgets import Budgets

from bloomery.provider.log import EngineLog
from bloomery.provider.tasks import Tasks


async def test_cancelled_call_ends_before_anybody_goes_on() -> None:
    """A write in flight cannot be withdrawn, so the machine is not let go during it."""
    budgets, events = Budgets(), []
    began = threading.Event()

    def write() -> None:
        began.set()
        time.sleep(0.1)
        events.append("written")

    async def work() -> None:
        try:
            await budgets.bmc(write)
        finally:
            events.append("let go")

    task = asyncio.ensure_future(work())
    await asyncio.to_thread(began.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["written", "let go"]


async def test_result_and_error_pass_through() -> None:
    budgets = Budgets()
    assert await budgets.bmc(lambda: 7) == 7
    assert await budgets.probe(lambda: 8) == 8
    with pytest.raises(KeyError):
        await budgets.bmc(lambda: {}["x"])


async def test_probes_have_a_budget_of_their_own() -> None:
    budgets = Budgets()
    budgets.probes = asyncio.Semaphore(2)
    at_once, most = 0, 0
    guard = threading.Lock()

    def probe() -> None:
        nonlocal at_once, most
        with guard:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.01)
        with guard:
            at_once -= 1

    await asyncio.gather(*(budgets.probe(probe) for _ in range(8)))
    assert most == 2


async def test_a_lost_engine_is_no_error() -> None:
    engine = EngineLog("127.83.0.5:1")
    await engine.info("urn", "nobody hears this")
    await engine.warn("urn", "nor this")
    await engine.status("urn", "nor this")


async def test_tasks_are_held_until_they_end() -> None:
    tasks, said = Tasks(), []

    async def say() -> None:
        await asyncio.sleep(0.01)
        said.append("done")

    tasks.spawn(say())
    assert len(tasks._held) == 1
    await asyncio.sleep(0.05)
    assert said == ["done"] and not tasks._held
