"""The BMC's own restart, its memory, and what a factory reset takes."""

from __future__ import annotations

import pytest

from bloomery.drivers.redfish.fake import Down, FakeBmc
from bloomery.drivers.redfish.fake.tasks import FLASH_SECONDS

BMCS = 600


def resets(make, **faults) -> list[float]:
    """Seconds away after a reset, of many BMCs."""
    times = []
    for number in range(BMCS):
        fake = make(number)
        for name in faults:
            fake.faults.apply(name.replace("_", "-"))
        fake.reset_bmc("GracefulRestart")
        times.append(fake.back_in())
    return times


def test_resets_take_as_long_as_was_measured(make):
    times = resets(make)
    usual = sum(112 <= time <= 120 for time in times)
    slow = sum(time > 200 for time in times)
    assert min(times) >= 88 and max(times) <= 240
    assert 0.7 * BMCS < usual < 0.9 * BMCS
    assert 0.04 * BMCS < slow < 0.16 * BMCS


def test_slow_reset_is_always_an_outlier(make):
    assert min(resets(make, slow_reset=True)) > 200


def test_the_same_bmc_resets_alike_in_each_run(make):
    first, second = make(7), make(7)
    first.reset_bmc("ForceRestart")
    second.reset_bmc("ForceRestart")
    assert first.back_in() == second.back_in()


async def test_bmc_is_down_until_its_time_is_over(fake, clock):
    fake.reset_bmc("ForceRestart")
    clock.now += fake.back_in() - 0.1
    with pytest.raises(Down):
        await fake.visit("/redfish/v1")
    clock.now += 0.2
    await fake.visit("/redfish/v1")


def test_factory_reset_takes_accounts_and_media_but_not_the_marker(fake, clock):
    fake.accounts.set_password("admin", "Derived-9pass-7z")
    fake.media.insert("Seed", "https://127.80.0.9/seed")
    fake.power.set_asset_tag("bloomery/kyiv/g1")
    fake.bios.stage({"SecureBoot": "Enabled"})
    fake.faults.apply("factory-reset")
    fake.firmware.update("https://127.80.0.9/bmc-2.11.0.bin", "BMC")
    clock.now += FLASH_SECONDS
    fake.reset_bmc("ForceRestart")
    fake.accounts.login("admin", "left-the-factory-1")
    assert fake.media.url("Seed") == ""
    assert fake.state.asset_tag == "bloomery/kyiv/g1"
    assert fake.bios.pending() == {"SecureBoot": "Enabled"}


def test_flash_without_the_fault_keeps_the_accounts(fake, clock):
    fake.accounts.set_password("admin", "Derived-9pass-7z")
    fake.firmware.update("https://127.80.0.9/bmc-2.11.0.bin", "BMC")
    clock.now += FLASH_SECONDS
    fake.reset_bmc("ForceRestart")
    fake.accounts.login("admin", "Derived-9pass-7z")


def test_every_change_is_saved(metal, clock):
    saved: list[dict[str, object]] = []
    fake = FakeBmc("S", "u", "m", "x", metal, {"a": "b"}, save=saved.append, clock=clock)
    for change in (
        lambda: fake.power.set_asset_tag("t"),
        lambda: fake.bios.stage({"BootMode": "Uefi"}),
        lambda: fake.media.insert("Cd", "https://127.80.0.9/x.iso"),
        lambda: fake.media.eject("Cd"),
        lambda: fake.power.set_override("Cd", "Once"),
        lambda: fake.accounts.set_password("a", "longer-than-8"),
        lambda: fake.firmware.update("https://127.80.0.9/x-1.2.bin", "BIOS"),
        lambda: fake.faults.apply("post-hang"),
    ):
        before = len(saved)
        change()
        assert len(saved) == before + 1
        assert saved[-1] == fake.snapshot()


def test_own_bios_attributes(make):
    assert make(bios={"OnlyOne": "1"}).bios.now() == {"OnlyOne": "1"}
