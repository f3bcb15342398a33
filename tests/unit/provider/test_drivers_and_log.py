"""Small parts: drivers and their budgets, background tasks, the log of a lost engine."""

from __future__ import annotations

import asyncio
import importlib
import threading
import time
from pathlib import Path

import pytest

import bloomery.drivers
from bloomery.drivers.ssh import client as ssh_client
from bloomery.provider import drivers as room
from bloomery.provider.drivers import ANSIBLE, REDFISH, SSH, Driver, Drivers
from bloomery.provider.log import EngineLog
from bloomery.provider.tasks import Tasks

FOLDERS = {path.parent.name for path in Path(bloomery.drivers.__path__[0]).glob("*/protocol.py")}


def test_every_folder_is_a_driver_with_a_client_and_a_budget() -> None:
    known = {one.protocol: one for one in vars(room).values() if isinstance(one, Driver)}
    assert set(known) == FOLDERS
    for name, driver in known.items():
        assert importlib.import_module(f"bloomery.drivers.{name}.protocol").AT_ONCE > 0
        assert callable(Drivers().client(driver))


def test_client_is_the_drivers_own_unless_something_stands_in() -> None:
    def other(login, timeout):
        raise AssertionError

    assert Drivers().client(SSH) is ssh_client.probe
    assert Drivers({"ssh": other}).client(SSH) is other


async def test_cancelled_call_ends_before_anybody_goes_on() -> None:
    """A write in flight cannot be withdrawn, so the machine is not let go during it."""
    drivers, events = Drivers(), []
    began = threading.Event()

    def write() -> None:
        began.set()
        time.sleep(0.1)
        events.append("written")

    async def work() -> None:
        try:
            await drivers.blocking(REDFISH, write)
        finally:
            events.append("let go")

    task = asyncio.ensure_future(work())
    await asyncio.to_thread(began.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["written", "let go"]


async def test_result_and_error_pass_through() -> None:
    drivers = Drivers()
    assert await drivers.blocking(REDFISH, lambda: 7) == 7
    assert await drivers.blocking(SSH, lambda: 8) == 8
    with pytest.raises(KeyError):
        await drivers.blocking(REDFISH, lambda: {}["x"])


async def test_each_protocol_has_a_budget_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bloomery.drivers.ssh.protocol.AT_ONCE", 2)
    drivers = Drivers()
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

    await asyncio.gather(*(drivers.blocking(SSH, probe) for _ in range(8)))
    assert most == 2
    await drivers.blocking(REDFISH, lambda: None)
    async with asyncio.timeout(5), drivers.place(ANSIBLE):
        assert await drivers.blocking(SSH, lambda: 1) == 1


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
