"""Updates: progress follows the clock, and only a reset puts an image in force."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bloomery.drivers.redfish.fake import Refusal
from bloomery.drivers.redfish.fake.tasks import FLASH_SECONDS

IMAGE = "https://127.80.0.9/fw/bmc-2.12.0.bin"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(waits=st.lists(st.floats(0, 100), max_size=8))
def test_progress_never_falls_and_never_completes_by_itself(make, clock, waits):
    fake = make()
    task = fake.firmware.update(IMAGE, "BMC")
    last = 0
    for wait in waits:
        clock.now += wait
        percent, state = fake.firmware.percent(task), fake.firmware.state(task)
        assert last <= percent <= 90
        assert state in ("New", "Running", "Pending")
        last = percent
    assert fake.firmware.version("BMC") == "2.10.0"


def test_staged_image_is_applied_by_its_own_reset_only(fake, clock):
    task = fake.firmware.update(IMAGE, "BMC")
    clock.now += FLASH_SECONDS
    assert not fake.firmware.apply("BIOS")
    assert fake.firmware.version("BMC") == "2.10.0"
    assert fake.firmware.apply("BMC")
    assert (fake.firmware.version("BMC"), fake.firmware.state(task)) == ("2.12.0", "Completed")
    assert not fake.firmware.apply("BMC")


def test_bmc_reset_in_the_middle_of_the_transfer_fails_the_update(fake, clock):
    task = fake.firmware.update(IMAGE, "BMC")
    clock.now += FLASH_SECONDS / 2
    fake.reset_bmc("ForceRestart")
    assert fake.firmware.state(task) == "Exception"
    assert fake.firmware.version("BMC") == "2.10.0"


def test_time_factor_scales_the_transfer(make, clock):
    fake = make(time_factor=0.01)
    task = fake.firmware.update(IMAGE, "BMC")
    clock.now += FLASH_SECONDS * 0.01
    assert fake.firmware.state(task) == "Pending"


def test_unknown_target_is_refused(fake):
    with pytest.raises(Refusal) as caught:
        fake.firmware.update(IMAGE, "NIC")
    assert caught.value.status == 400
