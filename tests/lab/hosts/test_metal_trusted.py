"""A machine with two disks and a TPM: an encrypted mirror under Secure Boot, seen from inside."""

from __future__ import annotations

import asyncio

import pytest
from firmware_machine import Machine, told
from kit import Bench

from bloomery.lab.command import run

LOOK = (
    "cat /proc/mdstat; sudo cryptsetup status root; sudo clevis luks list -d /dev/md/root;"
    " findmnt /boot && systemctl list-units --failed --no-legend"
)


@pytest.mark.soak
async def test_from_power_on_to_strict_ssh_on_an_encrypted_mirror(make_bench) -> None:
    """350 s of processor time: installation 133, boots 55 and 54, a boot that stands still 110."""
    bench: Bench = make_bench("trusted", "trusted", 1, block=154)
    with told("lab up"):
        bench.up()
    machine = Machine(bench)

    await asyncio.to_thread(machine.bmc.set_bios, SecureBoot="Enabled")
    with told("installation"):
        await machine.start_installation()
        await machine.hears("installation complete")
        await machine.goes_off()
    await asyncio.to_thread(machine.bmc.eject)
    with told("boot to strict ssh", machine):
        await machine.power_on()
        facts = await machine.is_reached()
        took = machine.processor()
    assert facts.root == ("crypt", "disk", "disk", "part", "part", "raid1")
    assert facts.secure_boot is True
    code, seen = bench.shell("n01", LOOK, 120)
    assert code == 0, seen
    print(seen)
    assert seen.count("[UU]") == 2, "both halves of /boot and of the root"
    assert "type:    LUKS2" in seen and '"pcr_ids":"7"' in seen
    assert " failed " not in seen
    await asyncio.to_thread(machine.bmc.reset, "GracefulShutdown")
    await machine.goes_off()

    # The first disk is taken out and an empty one put in: the other half starts.
    run(["qemu-img", "create", "-q", "-f", "qcow2", str(machine.place.disk / "nvme0.qcow2"), "4G"])
    with told("boot with a new first disk", machine):
        await machine.power_on()
        facts = await machine.is_reached()
    assert facts.root == ("crypt", "disk", "part", "raid1"), (
        "what the provider calls a mirror that lacks a disk"
    )
    await asyncio.to_thread(machine.bmc.reset, "ForceOff")
    await machine.goes_off()

    # Without Secure Boot PCR 7 is another one: the TPM keeps its key, the machine stands there.
    await asyncio.to_thread(machine.bmc.set_bios, SecureBoot="Disabled")
    await machine.power_on()
    await machine.hears("unlock disk root")
    while machine.processor() < 2 * took:
        await asyncio.sleep(1)
    assert not await asyncio.to_thread(machine.answers)
    assert "Reached target" not in machine.said()
