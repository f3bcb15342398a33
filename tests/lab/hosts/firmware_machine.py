"""A lab machine with firmware as tests see it: minutes pass where others take seconds.

No step has a wall clock limit of its own: a machine that goes on saying things on its
console goes on, one that has been silent for ``STALLED`` seconds has stopped.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kit import Bench

from bloomery.drivers.ssh.client import probe
from bloomery.drivers.ssh.protocol import HostFacts
from bloomery.errors import BloomeryError
from bloomery.lab import proc
from bloomery.lab.files import read_json
from bloomery.lab.layout import LabDir
from bloomery.provider.media.server import MediumServer
from bloomery.trust.secret import open_secret

STALLED = 400.0
"""Seconds without a word on the console. GRUB reads the kernel in silence: 15 s of processor
time, which a machine shared by many others needs minutes for."""


class Machine:
    """The one machine of a lab, as the tests see it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.bmc = bench.bmc("n01")
        self.place = LabDir(bench.state.lab).machine("n01")
        self.server = MediumServer(open_secret(bench.state.secret), bench.name, bench.state.ca)
        self.since = 0
        """Where the console was when it was last switched on."""

    def qemu(self) -> proc.Process | None:
        return proc.from_json(read_json(self.place.run / "qemu.json"))

    def processor(self) -> float:
        """Seconds of processor time of the QEMU that runs."""
        found = self.qemu()
        assert found is not None
        fields = Path(f"/proc/{found.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def said(self) -> str:
        """The console since the machine was last switched on."""
        return self.bench.console("n01")[self.since :]

    async def power_on(self) -> None:
        self.since = len(self.bench.console("n01"))
        await asyncio.to_thread(self.bmc.reset, "On")

    async def start_installation(self) -> None:
        plan = self.bench.plan.node("n01")
        url = await self.bench.seed_url(self.server, plan)
        await asyncio.to_thread(self.bmc.eject)
        await asyncio.to_thread(self.bmc.insert, plan.image, url)
        await self.power_on()

    async def hears(self, words: str) -> None:
        """Wait until the console has said ``words``."""
        await self.goes_on(lambda: words in self.said(), words)

    async def goes_off(self) -> None:
        """Wait until the machine has no power."""
        await self.goes_on(lambda: self.bmc.power() == "Off", "power off")

    async def is_reached(self) -> HostFacts:
        """Wait until the machine lets us in; one that boots refuses in many ways."""
        await self.goes_on(self.answers, "ssh")
        return await asyncio.to_thread(probe, self.bench.login("n01"), 60.0)

    def answers(self) -> bool:
        """Whether the machine lets us in now."""
        try:
            return probe(self.bench.login("n01"), 20.0).node == "n01"
        except BloomeryError:
            return False

    async def goes_on(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for ``condition`` for as long as the console goes on."""
        size, moved = 0, time.monotonic()
        while not await asyncio.to_thread(condition):
            said = self.said()
            if len(said) != size:
                size, moved = len(said), time.monotonic()
            assert "halted: " not in said, said[-1500:]
            assert time.monotonic() - moved < STALLED, f"waited for {what}: {said[-1500:]}"
            await asyncio.sleep(0.5)


@contextmanager
def told(step: str, machine: Machine | None = None) -> Iterator[None]:
    """Print how long a step took, and the processor time of the machine's process by then."""
    begun = time.monotonic()
    yield
    used = f", QEMU {machine.processor():.0f} s of processor" if machine else ""
    print(f"{step}: {time.monotonic() - begun:.0f} s{used}")
