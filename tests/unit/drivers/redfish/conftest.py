"""A fake BMC with a machine of one variable, on the test's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bloomery.drivers.redfish.fake import FakeBmc
from bloomery.drivers.redfish.machine import BootOrder
from bloomery.errors import LabError


@dataclass
class Metal:
    on: bool = False
    heeds: bool = True
    """Whether the OS reacts to a request to shut down."""
    broken: str = ""
    boots: list[BootOrder] = field(default_factory=list)
    offs: list[bool] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def power_on(self, boot: BootOrder) -> None:
        await self.gate.wait()
        if self.broken:
            raise LabError(self.broken)
        self.boots.append(boot)
        self.on = True

    async def power_off(self, *, graceful: bool) -> None:
        self.offs.append(graceful)
        if not graceful or self.heeds:
            self.on = False

    def is_on(self) -> bool:
        return self.on

    def boot_progress(self) -> str:
        return "OSRunning"

    def on_change(self, callback: Callable[[], None]) -> None:
        pass


@dataclass
class Time:
    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def metal() -> Metal:
    return Metal()


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def make(metal: Metal, clock: Time) -> Callable[..., FakeBmc]:
    """Makes a BMC; the number tells them apart."""

    def new(number: int = 1, **options) -> FakeBmc:
        uuid = f"00000000-0000-0000-0000-{number:012d}"
        mac = f"02:80:00:00:00:{number % 256:02x}"
        users = {"admin": "left-the-factory-1"}
        return FakeBmc(f"S{number}", uuid, mac, "m", metal, users, clock=clock, **options)

    return new


@pytest.fixture
def fake(make: Callable[..., FakeBmc]) -> FakeBmc:
    return make()
