"""A machine with firmware and a kernel of its own, from power-on to a login; minutes, not seconds.

No step has a wall clock limit of its own: a machine that goes on saying things on its
console goes on, one that has been silent for ``STALLED`` seconds has stopped.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kit import Bench

from bloomery.drivers.ssh.client import probe
from bloomery.errors import BloomeryError
from bloomery.lab import proc
from bloomery.lab.files import read_json
from bloomery.lab.layout import LabDir
from bloomery.lab.spec import lab_id
from bloomery.lab.sweep import leftovers
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

    def qemu(self) -> proc.Process | None:
        return proc.from_json(read_json(self.place.run / "qemu.json"))

    def processor(self) -> float:
        """Seconds of processor time of the QEMU that runs."""
        found = self.qemu()
        assert found is not None
        fields = Path(f"/proc/{found.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def start_installation(self) -> None:
        plan = self.bench.plan.node("n01")
        url = await self.bench.seed_url(self.server, plan)
        await asyncio.to_thread(self.bmc.eject)
        await asyncio.to_thread(self.bmc.insert, plan.image, url)
        await asyncio.to_thread(self.bmc.reset, "On")

    async def hears(self, words: str, since: int) -> None:
        """Wait until the console has said ``words``."""
        await self.goes_on(lambda: words in self.bench.console("n01")[since:], words)

    async def goes_on(self, condition: Callable[[], bool], what: str) -> None:
        size, moved = 0, time.monotonic()
        while not await asyncio.to_thread(condition):
            now = self.place.console.stat().st_size if self.place.console.exists() else 0
            if now != size:
                size, moved = now, time.monotonic()
            told = self.bench.console("n01")[-1500:]
            assert "halted: " not in told, told
            assert time.monotonic() - moved < STALLED, f"waited for {what}: {told}"
            await asyncio.sleep(0.5)


@contextmanager
def told(step: str, machine: Machine | None = None) -> Iterator[None]:
    """Print how long a step took, and the processor time of the machine's process by then."""
    begun = time.monotonic()
    yield
    used = f", QEMU {machine.processor():.0f} s of processor" if machine else ""
    print(f"{step}: {time.monotonic() - begun:.0f} s{used}")


@pytest.mark.soak
async def test_from_power_on_to_strict_ssh_with_kills_in_the_middle(make_bench) -> None:
    bench: Bench = make_bench("metal", "machine", 1, block=153)
    with told("lab up"):
        bench.up()
    machine = Machine(bench)

    # The machine loses its power while the image is being written: nothing on it boots.
    with told("installation up to the image"):
        await machine.start_installation()
        await machine.hears("installer: disk: ", 0)
    bench.fault("power-cut")
    await machine.goes_on(lambda: machine.bmc.power() == "Off", "power off")
    assert "power was lost" in bench.console("n01")

    # A second installation; the lab's daemon is killed in the middle, and the machine goes on.
    since = len(bench.console("n01"))
    with told("installation"):
        await machine.start_installation()
        await machine.hears("installer: identity: n01", since)
        before = machine.qemu()
        assert proc.send(proc.from_json(read_json(LabDir(bench.state.lab).daemon)), signal.SIGKILL)
        bench.up()
        assert machine.qemu() == before
        await machine.goes_on(lambda: machine.bmc.power() == "Off", "installed")
    said = bench.console("n01")[since:]
    assert "installation complete, switching off" in said
    assert "the system has switched itself off" in said

    # From the disk, with the host key known beforehand.
    await asyncio.to_thread(machine.bmc.eject)
    with told("boot to strict ssh", machine):
        await asyncio.to_thread(machine.bmc.reset, "On")
        await machine.goes_on(lambda: reachable(bench), "ssh")
        assert machine.bmc.progress() in ("OSBootStarted", "OSRunning")
    code, answer = bench.shell(
        "n01", "cat /etc/bloomery/install.json /sys/class/dmi/id/product_name; uname -r", 120
    )
    assert code == 0 and f'"site":"{bench.name}"' in answer and "lab-metal" in answer
    assert os.uname().release not in answer, "a kernel of its own"
    with told("power button"):
        await asyncio.to_thread(machine.bmc.reset, "GracefulShutdown")
        await machine.goes_on(lambda: machine.bmc.power() == "Off", "power off")
    bench.down()
    assert leftovers(lab_id(bench.state.lab), bench.state.lab) == []


def reachable(bench: Bench) -> bool:
    """Whether the machine lets us in; one that boots refuses in many ways."""
    try:
        return probe(bench.login("n01"), 20.0).node == "n01"
    except BloomeryError:
        return False
