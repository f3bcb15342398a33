"""What every BMC must do: facts, power, boot, BIOS, media, marker, password."""

from __future__ import annotations

import pytest

from bloomery.errors import Busy, CredentialRefused, Unsupported

CD = "https://127.80.0.9:8480/media/debian.iso"
SEED = "https://127.80.0.9:8480/seed/abc"


def test_facts_name_the_machine(rig, bmc):
    facts = bmc.facts()
    assert (facts.bmc_macs, set(facts.serials.values()), facts.system_uuid, facts.model) == (
        ("02:80:00:00:00:42",),
        {"BLM0042"},
        "5d1c4f0e-6f0a-4c55-9a0e-0c2f6e7b8a01",
        "lab-node",
    )
    assert (facts.power, facts.boot_progress) == ("Off", "None")
    assert facts.bmc_version and facts.bios_version
    assert facts.bios["BootMode"] == "Uefi"
    assert not facts.media and not facts.boot_once and not facts.bios_pending


def test_power_on_and_off(rig, bmc):
    rig.power(bmc, "On")
    assert (bmc.facts().power, bmc.facts().boot_progress) == ("On", "OSRunning")
    rig.power(bmc, "GracefulShutdown")
    assert bmc.facts().power == "Off"
    rig.power(bmc, "On")
    rig.power(bmc, "ForceOff")
    assert rig.metal.offs == [True, False]
    assert [boot.source for boot in rig.metal.boots] == ["Hdd", "Hdd"]


def test_restart_boots_again_without_asking_the_system(rig, bmc):
    rig.power(bmc, "On")
    rig.power(bmc, "ForceRestart")
    assert rig.metal.offs == [False]
    assert len(rig.metal.boots) == 2
    assert bmc.facts().power == "On"


def test_power_to_where_it_is_already_does_nothing(rig, bmc):
    rig.power(bmc, "ForceOff")
    rig.power(bmc, "On")
    rig.power(bmc, "On")
    assert rig.metal.offs == []
    assert len(rig.metal.boots) == 1


def test_machine_that_switches_itself_off_is_seen(rig, bmc):
    rig.power(bmc, "On")
    rig.metal.on = False
    assert bmc.facts().power == "Off"


def test_second_power_change_is_busy_while_one_is_under_way(rig, bmc):
    import asyncio

    rig.metal.gate = asyncio.Event()
    bmc.power("On")
    assert bmc.facts().power == "PoweringOn"
    with pytest.raises(Busy):
        bmc.power("GracefulShutdown")
    rig.do(rig.metal.gate.set)
    rig.power(bmc, "ForceOff")
    assert bmc.facts().power == "Off"


def test_once_is_consumed_by_one_boot(rig, bmc):
    bmc.insert_media("Cd", CD)
    bmc.insert_media("Seed", SEED)
    bmc.boot_once("Cd")
    assert bmc.facts().boot_once == "Cd"
    assert bmc.facts().media == {"Cd": CD, "Seed": SEED}
    rig.power(bmc, "On")
    first = rig.metal.boots[0]
    assert (first.source, first.cd_url, first.seed_url) == ("Cd", CD, SEED)
    assert bmc.facts().boot_once == ""
    rig.power(bmc, "ForceRestart")
    assert rig.metal.boots[1].source == "Hdd"


def test_override_that_stays_is_told_apart_and_taken_back(rig, bmc):
    rig.do(lambda: rig.fake.power.set_override("Cd", "Continuous"))
    assert (bmc.facts().boot_once, bmc.facts().boot_always) == ("", "Cd")
    bmc.clear_boot()
    bmc.clear_boot()
    assert bmc.facts().boot_always == ""


def test_personality_has_a_slot_for_each_medium_and_a_place_for_each_setting(bmc):
    found = bmc.personality()
    assert set(found.slots) == {"Cd", "Seed"} and found.why
    assert found.boot_resource and found.bios_resource.endswith("/Bios/Settings")
    assert {"On", "ForceOff"} <= set(found.resets)


def test_firmware_is_listed_by_name(bmc):
    assert set(bmc.firmware()) == {"BMC", "BIOS"} and all(bmc.firmware().values())


def test_nothing_is_lacking(bmc):
    assert dict(bmc.facts().lacks) == {}


def test_once_without_a_medium_falls_through_to_disk(rig, bmc):
    bmc.boot_once("Cd")
    rig.power(bmc, "On")
    assert rig.metal.boots[0].source == "Hdd"
    assert bmc.facts().boot_once == ""


def test_media_are_replaced_and_ejected(rig, bmc):
    bmc.insert_media("Cd", CD)
    bmc.insert_media("Cd", CD)
    bmc.insert_media("Cd", CD + "2")
    assert bmc.facts().media == {"Cd": CD + "2"}
    bmc.eject_media("Cd")
    bmc.eject_media("Cd")
    assert bmc.facts().media == {}


def test_medium_that_cannot_be_fetched_is_refused(rig, bmc):
    with pytest.raises(Unsupported):
        bmc.insert_media("Cd", "nfs://server/image.iso")
    assert bmc.facts().media == {}


def test_bios_waits_for_the_reset(rig, bmc):
    bmc.set_bios({"WorkloadProfile": "MaxPerformance"})
    facts = bmc.facts()
    assert facts.bios["WorkloadProfile"] == "Balanced"
    assert facts.bios_pending == {"WorkloadProfile": "MaxPerformance"}
    rig.power(bmc, "On")
    facts = bmc.facts()
    assert facts.bios["WorkloadProfile"] == "MaxPerformance"
    assert facts.bios_pending == {}
    assert dict(rig.metal.boots[0].bios)["WorkloadProfile"] == "MaxPerformance"


def test_bios_names_the_keys_it_lacks(rig, bmc):
    with pytest.raises(Unsupported, match="GpuFabric, NoSuchKey"):
        bmc.set_bios({"NoSuchKey": "1", "BootMode": "Uefi", "GpuFabric": "On"})
    assert bmc.facts().bios_pending == {}


def test_marker_is_written(rig, bmc):
    bmc.set_asset_tag("bloomery/kyiv/g3")
    assert bmc.facts().asset_tag == "bloomery/kyiv/g3"


def test_password_change_holds_from_the_next_login_on(rig, bmc):
    bmc.set_password("admin", "Derived-9pass-7z")
    assert bmc.facts().power == "Off"  # the session lives on
    with pytest.raises(CredentialRefused):
        rig.login()
    assert rig.login("Derived-9pass-7z").facts().serials["the chassis"] == "BLM0042"


@pytest.mark.parametrize("password", ["short", "x" * 21])
def test_password_of_a_length_the_bmc_refuses(rig, bmc, password):
    with pytest.raises(Unsupported):
        bmc.set_password("admin", password)
    rig.login()


def test_password_of_an_account_that_is_not_there(rig, bmc):
    with pytest.raises(Unsupported):
        bmc.set_password("nobody", "Derived-9pass-7z")
