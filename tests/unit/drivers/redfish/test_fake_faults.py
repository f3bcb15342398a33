"""The command interface of faults."""

from __future__ import annotations

import pytest

from bloomery.drivers.redfish.fake import FAULTS, Refusal
from bloomery.errors import LabError

SEEN = "/redfish/v1/Systems/1"


def test_every_fault_has_a_name_and_one_line_of_help():
    assert len({kind.name for kind in FAULTS}) == len(FAULTS) >= 10
    for kind in FAULTS:
        assert kind.help and "\n" not in kind.help and len(kind.help) < 90


def test_text_and_numbers_are_the_same(fake):
    fake.faults.apply("http", status=500, count=2)
    first = fake.faults.active()
    fake.faults.apply("http", status="500", count="2")
    assert fake.faults.active() == first == ("http status=500 count=2",)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("post-hnag", {}, "no fault 'post-hnag'"),
        ("http", {"stauts": 503}, "no option stauts"),
        ("http", {"count": "many"}, "count 'many' is not a whole number"),
        ("http", {"count": 1.5}, "count '1.5' is not a whole number"),
        ("http", {"status": 42}, "status '42' is not a whole number from 400 to 599"),
        ("slow", {"seconds": -1}, "seconds '-1' is not a number from 0"),
        ("slow", {"seconds": "nan"}, "seconds 'nan' is not"),
        ("bios-key-missing", {}, "needs the option key"),
    ],
)
def test_wrong_commands_say_what_is_wrong(fake, name, options, said):
    with pytest.raises(LabError, match=said):
        fake.faults.apply(name, **options)
    assert fake.faults.active() == ()


def test_clear_of_one_leaves_the_others(fake):
    fake.faults.apply("post-hang")
    fake.faults.apply("power-wrong")
    fake.faults.clear("post-hang")
    assert fake.faults.active() == ("power-wrong",)
    fake.faults.clear()
    assert fake.faults.active() == ()


async def test_count_of_zero_fails_no_call(fake):
    fake.faults.apply("http", count=0)
    await fake.visit(SEEN)


async def test_count_runs_down_only_on_matching_paths(fake):
    fake.faults.apply("http", status=500, count=2, path="/Systems")
    await fake.visit("/redfish/v1/Managers/1")
    for _ in range(2):
        with pytest.raises(Refusal) as caught:
            await fake.visit(SEEN)
        assert caught.value.status == 500
    await fake.visit(SEEN)


async def test_parent_first_covers_actions_and_spares_services(fake):
    fake.faults.apply("parent-first")
    action = f"{SEEN}/Actions/ComputerSystem.Reset"
    for path in (action, f"{SEEN}/Bios"):
        with pytest.raises(Refusal):
            await fake.visit(path)
    for path in ("/redfish/v1/Systems", SEEN, "/redfish/v1/SessionService/Sessions"):
        await fake.visit(path)
    fake.faults.seen(SEEN)
    await fake.visit(action)


async def test_parent_first_starts_anew_after_a_bmc_reset(fake, clock):
    fake.faults.apply("parent-first")
    fake.faults.seen(SEEN)
    fake.reset_bmc("ForceRestart")
    clock.now += 1000
    with pytest.raises(Refusal):
        await fake.visit(f"{SEEN}/Bios")
