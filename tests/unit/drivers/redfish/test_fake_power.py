"""The power button, where two hands press it, and where the machine does not follow."""

from __future__ import annotations

import asyncio

import pytest

from bloomery.drivers.redfish.fake import Refusal


async def press(fake, kind):
    fake.power.reset(kind)
    await asyncio.wait_for(fake.power.settle(), 5)


async def test_reset_types_do_what_their_names_say(fake, metal):
    for kind, offs, boots in (
        ("PushPowerButton", [], 1),
        ("GracefulRestart", [True], 2),
        ("PowerCycle", [True, False], 3),
        ("Nmi", [True, False], 3),
        ("PushPowerButton", [True, False, True], 3),
        ("GracefulShutdown", [True, False, True], 3),
        ("ForceRestart", [True, False, True], 4),
    ):
        await press(fake, kind)
        assert (metal.offs, len(metal.boots)) == (offs, boots), kind


async def test_state_tells_at_once_what_is_under_way(fake, metal):
    metal.gate.clear()
    fake.power.reset("On")
    assert fake.power.state() == "PoweringOn"
    metal.gate.set()
    await fake.power.settle()
    assert fake.power.state() == "On"


async def test_forced_change_waits_for_the_machines_own_call(fake, metal):
    metal.gate.clear()
    fake.power.reset("On")
    await asyncio.sleep(0)
    fake.power.reset("ForceOff")
    await asyncio.sleep(0.01)
    assert metal.offs == []
    metal.gate.set()
    await fake.power.settle()
    assert (len(metal.boots), metal.offs, metal.on) == (1, [False], False)


async def test_three_forced_changes_at_once_end_where_the_last_says(fake, metal):
    fake.faults.apply("post-hang")
    fake.power.reset("On")
    await asyncio.sleep(0.01)
    fake.power.reset("ForceRestart")
    fake.power.reset("ForceOff")
    await asyncio.wait_for(fake.power.settle(), 5)
    assert (metal.on, metal.boots) == (False, [])


async def test_system_that_does_not_heed_stays_on(fake, metal):
    await press(fake, "On")
    metal.heeds = False
    await press(fake, "GracefulShutdown")
    assert fake.power.state() == "On"
    await press(fake, "GracefulRestart")
    assert len(metal.boots) == 1


async def test_machine_that_fails_is_off_and_says_why(fake, metal):
    metal.broken = "no such disk"
    await press(fake, "On")
    assert (fake.power.state(), fake.power.trouble) == ("Off", "no such disk")
    metal.broken = ""
    await press(fake, "On")
    assert (fake.power.state(), fake.power.trouble) == ("On", "")


async def test_stop_leaves_the_machine_as_it_is(fake, metal):
    fake.faults.apply("post-hang")
    fake.power.reset("On")
    await asyncio.sleep(0.01)
    await fake.stop()
    assert (metal.on, metal.boots, metal.offs) == (False, [], [])


async def test_continuous_override_is_not_consumed(fake, metal):
    fake.media.insert("Cd", "https://127.80.0.9/x.iso")
    fake.power.set_override("Cd", "Continuous")
    await press(fake, "On")
    await press(fake, "ForceRestart")
    assert [boot.source for boot in metal.boots] == ["Cd", "Cd"]
    fake.power.set_override(None, "Disabled")
    await press(fake, "ForceRestart")
    assert metal.boots[-1].source == "Hdd"


async def test_unknown_words_are_refused(fake):
    for wrong in (
        lambda: fake.power.reset("Kick"),
        lambda: fake.power.set_override("Tape", "Once"),
        lambda: fake.power.set_override("Cd", "Twice"),
    ):
        with pytest.raises(Refusal) as caught:
            wrong()
        assert caught.value.status == 400
    assert fake.power.override().enabled == "Disabled"
