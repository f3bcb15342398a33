"""A machine with firmware and a kernel of its own, from power-on to a login."""

from __future__ import annotations

import asyncio
import os
import signal

from firmware_machine import Machine, told
from kit import Bench

from bloomery.lab import proc
from bloomery.lab.files import read_json
from bloomery.lab.layout import LabDir
from bloomery.lab.spec import lab_id
from bloomery.lab.sweep import leftovers


async def test_from_power_on_to_strict_ssh_with_kills_in_the_middle(make_bench) -> None:
    bench: Bench = make_bench("metal", "machine", 1, block=153)
    with told("lab up"):
        bench.up()
    machine = Machine(bench)

    # The machine loses its power while the image is being written: nothing on it boots.
    with told("installation up to the image"):
        await machine.start_installation()
        await machine.hears("installer: disk: ")
    bench.fault("power-cut")
    await machine.goes_off()
    assert "power was lost" in bench.console("n01")

    # A second installation; the lab's daemon is killed in the middle, and the machine goes on.
    with told("installation"):
        await machine.start_installation()
        await machine.hears("installer: identity: n01")
        before = machine.qemu()
        assert proc.send(proc.from_json(read_json(LabDir(bench.state.lab).daemon)), signal.SIGKILL)
        bench.up()
        assert machine.qemu() == before
        await machine.goes_off()
    said = machine.said()
    assert "installation complete, switching off" in said
    assert "the system has switched itself off" in said

    # From the disk, with the host key known beforehand.
    await asyncio.to_thread(machine.bmc.eject)
    with told("boot to strict ssh", machine):
        await machine.power_on()
        facts = await machine.is_reached()
        assert (facts.root, facts.secure_boot) == (("disk", "part"), False)
        assert machine.bmc.progress() in ("OSBootStarted", "OSRunning")
    code, answer = bench.shell(
        "n01", "cat /etc/bloomery/install.json /sys/class/dmi/id/product_name; uname -r", 120
    )
    assert code == 0 and f'"site":"{bench.name}"' in answer and "lab-metal" in answer
    assert os.uname().release not in answer, "a kernel of its own"
    with told("power button"):
        await asyncio.to_thread(machine.bmc.reset, "GracefulShutdown")
        await machine.goes_off()
    bench.down()
    assert leftovers(lab_id(bench.state.lab), bench.state.lab) == []
