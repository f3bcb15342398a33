"""Which phases would work, judged by what a BMC was described as."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bloomery.drivers.redfish.description import Description, Root
from bloomery.drivers.redfish.protocol import Lack, Personality, Sought, SystemFacts
from bloomery.provider.phases.node.prospects import prospects

MAC, SERIAL, UUID = "02:11:22:33:44:55", "BX1", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"

FACTS = SystemFacts(
    bmc_macs=(MAC,),
    serials={"the chassis": SERIAL},
    system_uuid=UUID,
    model="bx",
    power="Off",
    asset_tag="",
    bmc_version="1",
    bios_version="1",
    bios={"Sriov": "Enabled"},
)
HOW = Personality(
    "standard",
    "",
    slots={"Cd": "/cd", "Seed": "/usb"},
    boot_resource="/system",
    boot_targets={"Cd": "Cd"},
    bios_resource="/bios",
    resets=("On", "ForceOff", "GracefulShutdown"),
)
FOUND = Description(Root("", "", ""), "/account", facts=FACTS, personality=HOW)


def judged(found: Description, wanted: Sought = Sought()) -> dict[str, tuple[str, str]]:  # noqa: B008 # frozen
    return {one.phase: (one.works, one.why) for one in prospects(found, wanted)}


def lacking(name: str, quality: str, **values: object) -> Description:
    lack = Lack(quality, f"no {name}")  # type: ignore[arg-type]
    return replace(FOUND, facts=replace(FACTS, lacks={name: lack}, **values))  # type: ignore[arg-type]


def test_everything_works_where_everything_is_told():
    assert {works for works, _ in judged(FOUND).values()} == {"yes"}


@pytest.mark.parametrize(
    ("name", "phase", "empty"), [("bios", "BIOS", {}), ("boot_once", "boot once", "")]
)
def test_absent_is_no_and_unreadable_is_unknown(name, phase, empty):
    without = replace(HOW, boot_targets={}, bios_resource="")
    absent = replace(lacking(name, "absent", **{name: empty}), personality=without)
    assert judged(absent)[phase] == ("no", f"no {name}")
    assert judged(lacking(name, "unreadable", **{name: empty}))[phase] == ("unknown", f"no {name}")


def test_media_take_a_slot_or_a_way_to_get_one():
    none = replace(FOUND, personality=replace(HOW, slots={}))
    assert judged(none)["media"][0] == "no"
    hidden = replace(FOUND, personality=replace(HOW, slots={}, enables_media=True))
    assert judged(hidden)["media"][0] == "yes"
    assert judged(lacking("media", "unreadable"))["media"] == ("unknown", "no media")
    one = replace(FOUND, personality=replace(HOW, slots={"Cd": "/cd"}))
    assert judged(one)["media"] == ("yes", "one slot fits, which takes installer and seed")


@pytest.mark.parametrize(
    ("resets", "works", "why"),
    [
        (("On", "ForceOff"), "yes", "no clean shutdown"),
        (("ForceOn", "Off", "GracefulShutdown"), "yes", "3 reset types"),
        (("On",), "no", "ForceOff not offered"),
        ((), "yes", "the BMC says when asked"),
    ],
)
def test_power_takes_on_and_off(resets, works, why):
    found = judged(replace(FOUND, personality=replace(HOW, resets=resets)))["power"]
    assert found[0] == works and why in found[1]


def test_identity_alone_needs_two_of_three():
    bare = lacking("serials", "absent", serials={}, system_uuid="")
    assert judged(bare)["identify"][0] == "no"
    assert judged(lacking("serials", "absent", serials={}))["identify"][0] == "yes"


def test_identity_is_compared_with_a_delivery_list():
    assert judged(FOUND, Sought(MAC, SERIAL, UUID))["identify"][0] == "yes"
    works, why = judged(FOUND, Sought(MAC, "OTHER", UUID))["identify"]
    assert works == "no" and "is BX1 (the chassis), not OTHER" in why


def test_nothing_is_known_until_a_first_password_is_changed():
    found = judged(Description(Root("", "", ""), "/account", change_first=True))
    assert {phase for phase, (works, _) in found.items() if works == "unknown"} == {
        "identify",
        "BIOS",
        "media",
        "boot once",
        "power",
    }
    assert found["password"] == (
        "yes",
        "the account is /account; it must be changed before all else",
    )


def test_no_system_stops_all_but_the_password():
    found = judged(Description(Root("", "", ""), "", "no account", trouble="two systems"))
    assert found["media"] == ("no", "two systems")
    assert found["password"] == ("no", "no account")
