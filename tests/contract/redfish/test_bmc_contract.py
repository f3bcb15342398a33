"""What every BMC must do: facts, power, boot, BIOS, media, marker, password."""

from __future__ import annotations

import pytest

from bloomery.drivers.redfish import identity
from bloomery.drivers.redfish.protocol import Sought
from bloomery.drivers.redfish.wire import same_path
from bloomery.errors import Busy, CredentialRefused, Unsupported
from bloomery.lab.redfish.places import places

V1 = "/redfish/v1"
CD = "https://127.80.0.9:8480/media/debian.iso"
SEED = "https://127.80.0.9:8480/seed/abc"


def test_facts_name_the_machine(rig, bmc):
    facts = bmc.facts()
    assert (facts.bmc_macs, facts.model) == (("02:80:00:00:00:42",), "lab-node")
    likeness = identity.compare(
        Sought("02:80:00:00:00:42", "BLM0042", "5d1c4f0e-6f0a-4c55-9a0e-0c2f6e7b8a01"), facts
    )
    assert likeness.proven and len(likeness.agreed) == 3, str(likeness)
    assert ("swapped" in str(likeness)) is (rig.shape.writing.uuid == "swapped")
    assert ("service tag" in str(likeness)) is (rig.shape.writing.serial == "sku")
    assert (facts.power, facts.boot_progress) == ("Off", rig.progress("None"))
    assert facts.bmc_version and facts.bios_version
    assert facts.bios["BootMode"] == "Uefi"
    assert not facts.media and not facts.boot_once and not facts.bios_pending


def test_what_the_system_alone_says_is_what_all_facts_say(rig, bmc):
    if rig.shape.writing.tag != "absent":
        bmc.set_asset_tag("bloomery/tests/g1")
    rig.power(bmc, "On")
    facts, now = bmc.facts(), bmc.now()
    assert (now.power, now.boot_progress) == (facts.power, facts.boot_progress) != ("Off", "")
    lacks = facts.quality("asset_tag") == "absent"
    assert now.asset_tag == (None if lacks else "bloomery/tests/g1")


def test_power_on_and_off(rig, bmc):
    rig.power(bmc, "On")
    assert (bmc.facts().power, bmc.facts().boot_progress) == ("On", rig.progress("OSRunning"))
    if not rig.graceful:
        with pytest.raises(Unsupported, match="GracefulShutdown is not offered, only On"):
            bmc.power("GracefulShutdown")
    rig.power(bmc, "GracefulShutdown" if rig.graceful else "ForceOff")
    assert bmc.facts().power == "Off"
    rig.power(bmc, "On")
    rig.power(bmc, "ForceOff")
    assert rig.metal.offs == [rig.graceful, False]
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
    with pytest.raises(Busy if rig.graceful else Unsupported):
        bmc.power("GracefulShutdown")
    rig.do(rig.metal.gate.set)
    rig.power(bmc, "ForceOff")
    assert bmc.facts().power == "Off"


def test_once_is_consumed_by_one_boot(rig, bmc):
    wanted = {slot: rig.url({"Cd": CD, "Seed": SEED}[slot]) for slot in rig.media}
    for slot, url in wanted.items():
        bmc.insert_media(slot, url)
    bmc.boot_once("Cd")
    assert rig.waits(bmc.facts()) == "Cd"
    assert rig.shows(bmc.facts(), **wanted)
    rig.power(bmc, "On")
    first = rig.metal.boots[0]
    assert (first.source, first.cd_url) == (rig.source, wanted["Cd"])
    assert first.seed_url == wanted.get("Seed", "")
    if rig.shape.habits.once_kept:  # until it is taken back
        assert rig.waits(bmc.facts()) == "Cd"
        bmc.clear_boot()
    assert rig.waits(bmc.facts()) == ""
    rig.power(bmc, "ForceRestart")
    assert rig.metal.boots[1].source == "Hdd"


def test_override_that_stays_is_told_apart_and_taken_back(rig, bmc):
    target = rig.shape.habits.disc_target
    rig.do(lambda: rig.fake.power.set_override(target, "Continuous"))
    assert (bmc.facts().boot_once, bmc.facts().boot_always) == ("", "Cd")
    bmc.clear_boot()
    bmc.clear_boot()
    assert bmc.facts().boot_always == ""


def test_personality_has_a_slot_for_each_medium_and_a_place_for_each_setting(rig, bmc):
    first = bmc.personality()
    assert set(first.slots) == (set() if rig.shape.media.enable else set(rig.media))
    assert bool(first.needs) is rig.shape.media.enable
    bmc.insert_media("Cd", rig.url(CD))
    bmc.facts()
    found, at = bmc.personality(), places(rig.shape)
    assert set(found.slots) == set(rig.media) and found.why
    settings = rig.shape.habits.override_at == "settings"
    assert same_path(found.boot_resource, V1 + (at.system_settings if settings else at.system))
    assert same_path(found.bios_resource, V1 + at.bios_writes)
    assert found.boot_targets == {"Cd": rig.shape.habits.disc_target, "Hdd": "Hdd"}
    assert found.resets == rig.shape.habits.resets


def test_firmware_is_listed_by_name(bmc):
    assert set(bmc.firmware()) == {"BMC", "BIOS"} and all(bmc.firmware().values())


def test_nothing_is_lacking_but_what_the_personality_lacks(rig, bmc):
    lacks = {name: lack.quality for name, lack in bmc.facts().lacks.items()}
    assert lacks == ({} if rig.tagged else {"asset_tag": "absent"})


def test_once_without_a_medium_falls_through_to_disk(rig, bmc):
    bmc.boot_once("Cd")
    rig.power(bmc, "On")
    assert rig.metal.boots[0].source == "Hdd"
    assert bmc.facts().boot_once == ""


def test_media_are_replaced_and_ejected(rig, bmc):
    bmc.insert_media("Cd", rig.url(CD))
    bmc.insert_media("Cd", rig.url(CD))
    bmc.insert_media("Cd", rig.url(CD) + "2")
    assert rig.shows(bmc.facts(), Cd=rig.url(CD) + "2")
    bmc.eject_media("Cd")
    bmc.eject_media("Cd")
    assert bmc.facts().media == {}


def test_medium_that_cannot_be_fetched_is_refused(rig, bmc):
    with pytest.raises(Unsupported):
        bmc.insert_media("Cd", "nfs://server/image.iso")
    if rig.url(CD) != CD:
        with pytest.raises(Unsupported):
            bmc.insert_media("Cd", CD)
    assert bmc.facts().media == {}


def test_bios_waits_for_the_reset(rig, bmc):
    bmc.set_bios({"WorkloadProfile": "MaxPerformance"})
    facts = bmc.facts()
    waits = rig.pending(WorkloadProfile="MaxPerformance")
    assert facts.bios_pending == waits
    assert facts.bios["WorkloadProfile"] == ("Balanced" if waits else "MaxPerformance")
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
    assert bmc.facts().asset_tag == ""
    if not rig.tagged:
        with pytest.raises(Unsupported, match="no asset tag"):
            bmc.set_asset_tag("bloomery/kyiv/g3")
        return
    bmc.set_asset_tag("bloomery/kyiv/g3")
    assert bmc.facts().asset_tag == "bloomery/kyiv/g3"


def test_password_change_holds_from_the_next_login_on(rig, bmc):
    bmc.set_password("admin", "Derived-9pass-7z")
    assert bmc.facts().power == "Off"  # the session lives on
    with pytest.raises(CredentialRefused):
        rig.login()
    assert "BLM0042" in rig.login("Derived-9pass-7z").facts().serials.values()


@pytest.mark.parametrize("password", ["short", "x" * 21])
def test_password_of_a_length_the_bmc_refuses(rig, bmc, password):
    with pytest.raises(Unsupported):
        bmc.set_password("admin", password)
    rig.login()


def test_password_of_an_account_that_is_not_there(rig, bmc):
    with pytest.raises(Unsupported):
        bmc.set_password("nobody", "Derived-9pass-7z")
