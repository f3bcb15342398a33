"""Every fault on demand shows what it says, and ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from bloomery.drivers.redfish.fake import FAULTS
from bloomery.errors import Busy, CredentialRefused, LockedOut, Unreachable, Unsupported

SHOWN: set[str] = set()


def shows(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Marks the test that shows a fault."""
    SHOWN.add(name)
    return lambda test: test


def apply(rig, name, **options):
    rig.do(lambda: rig.fake.faults.apply(name, **options))


def clear(rig, name=""):
    rig.do(lambda: rig.fake.faults.clear(name))


def test_every_fault_is_shown():
    assert {kind.name for kind in FAULTS} == SHOWN


@shows("http")
def test_503_for_the_next_k_calls(rig, bmc):
    apply(rig, "http", status=503, count=3)
    for _ in range(3):
        with pytest.raises(Busy):
            bmc.facts()
    assert bmc.facts().power == "Off"
    assert rig.do(rig.fake.faults.active) == ()


def test_503_on_one_path_only(rig, bmc):
    path = "/VirtualMedia" if "Seed" in rig.media else "/Systems/1"
    apply(rig, "http", status="503", count="1", path=path)
    bmc.firmware()  # goes elsewhere
    with pytest.raises(Busy):
        bmc.insert_media("Cd", rig.url("https://127.80.0.9/x.iso"))
    bmc.insert_media("Cd", rig.url("https://127.80.0.9/x.iso"))


def test_503_at_login_is_busy_and_sends_no_password(rig):
    apply(rig, "http", status=503, count=1)
    with pytest.raises(Busy):
        rig.login()
    assert rig.fake.accounts.attempts == 0
    rig.login()


@shows("slow")
def test_slow_path_takes_its_time(rig, bmc):
    apply(rig, "slow", seconds=1.2, path=f"/Chassis/{rig.shape.layout.chassis}")
    begin = time.monotonic()
    bmc.facts()
    assert time.monotonic() - begin >= 1.2
    clear(rig)
    begin = time.monotonic()
    bmc.facts()
    assert time.monotonic() - begin < 1.2


def test_path_slower_than_patience_is_unreachable(wire):
    bmc = wire.login()
    apply(wire, "slow", seconds=2.5, path="/Systems/1")
    with pytest.raises(Unreachable):
        bmc.facts()
    clear(wire)


@shows("post-hang")
def test_post_hangs_until_cleared(rig, bmc):
    apply(rig, "post-hang")
    bmc.power("On")
    time.sleep(0.05)
    facts = bmc.facts()
    hung = rig.progress("MemoryInitializationStarted")
    assert (facts.power, facts.boot_progress) == ("On", hung)
    assert rig.metal.boots == []
    clear(rig, "post-hang")
    asyncio.run_coroutine_threadsafe(rig.fake.power.settle(), rig.loop).result(5)
    assert len(rig.metal.boots) == 1


def test_machine_that_hangs_in_post_can_be_forced_off(rig, bmc):
    bmc.insert_media("Cd", rig.url("https://127.80.0.9/x.iso"))
    bmc.boot_once("Cd")
    apply(rig, "post-hang")
    bmc.power("On")
    time.sleep(0.05)
    rig.power(bmc, "ForceOff")
    facts = bmc.facts()
    assert (facts.power, rig.waits(facts)) == ("Off", "Cd")  # POST did not come to the boot order
    clear(rig)
    rig.power(bmc, "On")
    assert [boot.source for boot in rig.metal.boots] == [rig.source]


@shows("bios-key-missing")
def test_bios_key_is_missing_until_the_bmc_is_reset(rig, bmc):
    apply(rig, "bios-key-missing", key="TpmSecurity")
    assert "TpmSecurity" not in bmc.facts().bios
    with pytest.raises(Unsupported, match="TpmSecurity"):
        bmc.set_bios({"TpmSecurity": "Off"})
    bmc.reset_bmc()
    rig.wait_back()
    again = rig.login()
    again.set_bios({"TpmSecurity": "Off"})
    assert again.facts().bios_pending == rig.pending(TpmSecurity="Off")


@shows("factory-reset")
def test_flash_of_the_bmc_loses_the_accounts(rig, bmc):
    bmc.set_password("admin", "Derived-9pass-7z")
    tag = "bloomery/kyiv/g1" if rig.tagged else ""
    if tag:
        bmc.set_asset_tag(tag)
    apply(rig, "factory-reset")
    rig.do(lambda: rig.fake.firmware.update("https://127.80.0.9/bmc-2.11.3.bin", "BMC"))
    rig.clock.ahead += 1
    bmc.reset_bmc()
    rig.wait_back()
    with pytest.raises(CredentialRefused):
        rig.login("Derived-9pass-7z")
    assert rig.login().password_expired() is rig.changes_first
    rig.change_first()
    facts = rig.login().facts()
    assert (facts.bmc_version, facts.asset_tag) == ("2.11.3", tag)
    assert rig.do(rig.fake.faults.active) == ()


def test_flash_of_the_bios_loses_the_settings(rig, bmc):
    bmc.set_bios({"SriovGlobalEnable": "Enabled"})
    rig.power(bmc, "On")
    apply(rig, "factory-reset")
    rig.do(lambda: rig.fake.firmware.update("https://127.80.0.9/bios-1.9.0.bin", "BIOS"))
    rig.clock.ahead += 1
    rig.power(bmc, "ForceRestart")
    facts = bmc.facts()
    assert (facts.bios_version, facts.bios["SriovGlobalEnable"]) == ("1.9.0", "Disabled")


@shows("parent-first")
def test_404_until_the_parent_was_read(rig, bmc):
    apply(rig, "parent-first")
    assert rig.do(lambda: rig.fake.faults.has("parent-first"))
    assert bmc.facts().power == "Off"  # the driver reads parents first
    bmc.insert_media(rig.media[-1], rig.url("https://127.80.0.9/seed"))
    bmc.set_bios({"BootMode": "Uefi"})
    rig.power(bmc, "On")


def test_404_until_the_parent_was_read_on_the_wire(raw):
    raw.fault("parent-first")
    assert raw.get("/redfish/v1/Systems/1/Bios").status_code == 404
    assert raw.get("/redfish/v1/Systems/1").status_code == 200
    assert raw.get("/redfish/v1/Systems/1/Bios").status_code == 200
    assert raw.get("/redfish/v1/Managers/1/VirtualMedia/Cd").status_code == 404


@shows("sessions-full")
def test_sessions_are_held_by_others(rig):
    apply(rig, "sessions-full")
    with pytest.raises(Busy, match="sessions"):
        rig.login()
    clear(rig, "sessions-full")
    rig.login()


@shows("power-wrong")
def test_wrong_power_state_is_reported(rig, bmc):
    apply(rig, "power-wrong")
    assert bmc.facts().power == "On"
    assert rig.metal.boots == []
    clear(rig)
    assert bmc.facts().power == "Off"


@shows("slow-reset")
def test_slow_reset_is_as_slow_as_the_slowest(rig, bmc):
    apply(rig, "slow-reset")
    bmc.reset_bmc()
    assert rig.fake.back_in() >= 0.2  # 200 s at a thousandth


@shows("account-locked")
def test_locked_account_is_no_wrong_password(rig):
    apply(rig, "account-locked")
    with pytest.raises(LockedOut):
        rig.login()
    clear(rig)
    apply(rig, "account-locked", user="operator")
    rig.login()
