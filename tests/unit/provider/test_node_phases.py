"""Each state a machine can be found in, and exactly what is then written to its BMC."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from site_in_process import SITE, SiteInProcess, Watched, node_plan

from bloomery.drivers.redfish.protocol import MediaSlot, Personality, PowerAction
from bloomery.errors import NotReadyError, Unreachable, Unsupported
from bloomery.provider.phases.node import power
from bloomery.provider.phases.node.limits import LIMITS

TAG = f"tag bloomery/{SITE}/g"
PASSWORD = ["set_password"]
BIOS = ["set_bios WorkloadProfile"]
EJECT = ["eject_media Cd", "eject_media Seed"]
MEDIA = [*EJECT, "insert_media Cd", "boot_once Cd"]
TWO_MEDIA = [*EJECT, "insert_media Cd", "insert_media Seed", "boot_once Cd"]
BOOT = [*EJECT, "power On"]
ON_METAL = dict(LIMITS)


def install(generation: int = 1) -> list[str]:
    return [*MEDIA, f"{TAG}{generation}-installing", "power On", *BOOT, f"{TAG}{generation}"]


def short(monkeypatch: pytest.MonkeyPatch, *phases: str, seconds: float = 0.25) -> None:
    """Let phases end soon that are expected to run out of time."""
    for phase in phases:
        monkeypatch.setitem(LIMITS, phase, seconds * 1000)


async def test_factory_new_machine_is_prepared_installed_and_proven(shop: SiteInProcess) -> None:
    made = await shop.up()
    assert (made["phase"], made["ready"], made["reason"]) == ("reachable", True, "")
    assert shop.wrote() == PASSWORD + BIOS + install()
    assert shop.metal.boots == ["Cd", "Hdd"]
    assert shop.metal.installed == [1]
    assert shop.fake.bios.now()["WorkloadProfile"] == "MaxPerformance"
    assert shop.fake.state.asset_tag == f"bloomery/{SITE}/g1"
    assert not shop.fake.state.media
    assert not shop.fake.sessions.all(), "a session was left on the BMC"
    assert {login[2] for login in shop.logins} == {"ok"}, "a new machine costs no wrong login"


async def test_a_second_time_writes_nothing(shop: SiteInProcess) -> None:
    await shop.up()
    shop.wrote()
    made = await shop.up()
    assert made["ready"] is True
    assert shop.wrote() == []


async def test_live_machine_with_our_tag_is_adopted_without_a_journal(shop: SiteInProcess) -> None:
    shop.make_live()
    made = await shop.up()
    assert made["ready"] is True
    assert shop.wrote() == []
    assert ("install", "verified") in shop.journal(), "adopted, but not written down"


async def test_live_machine_without_any_mark_is_adopted_and_marked(shop: SiteInProcess) -> None:
    """Else it would be taken for factory-new as soon as somebody switches it off."""
    shop.make_live(tag="")
    assert (await shop.up())["ready"] is True
    assert shop.wrote() == [f"{TAG}1"]
    shop.lose_journal()
    await shop.metal.power_off(graceful=False)
    assert (await shop.up())["ready"] is True
    assert shop.wrote() == BOOT
    assert shop.metal.wiped == 0


async def test_late_answer_of_a_begun_installation_is_proof(shop: SiteInProcess) -> None:
    shop.make_live(tag=f"bloomery/{SITE}/g1-installing")
    assert (await shop.up())["ready"] is True
    assert shop.wrote() == [f"{TAG}1"]
    assert shop.journal().count(("install", "verified")) == 1


async def test_running_machine_nobody_knows_is_left_alone(shop: SiteInProcess) -> None:
    shop.metal.on, shop.metal.progress = True, "OSRunning"
    made = await shop.up()
    assert (made["phase"], made["ready"]) == ("identify", False)
    assert "neither asset tag nor journal entry" in str(made["reason"])
    assert "power it off manually" in str(made["nextStep"])
    assert shop.wrote() == []


async def test_running_machine_with_another_host_key_is_left_alone(shop: SiteInProcess) -> None:
    shop.make_live(tag="")
    assert shop.metal.disk is not None
    shop.metal.disk["ssh_host_ed25519_key.pub"] = "ssh-ed25519 AAAAother"
    made = await shop.up()
    assert made["phase"] == "identify"
    assert shop.wrote() == []
    assert any("another host key" in line for line in shop.log.of("warn"))


@pytest.mark.parametrize("tag", ["ACME-4711", "bloomery/elsewhere/g3", f"bloomery/{SITE}/g1-odd"])
@pytest.mark.parametrize("live", [True, False])
async def test_foreign_asset_tag_stops(shop: SiteInProcess, tag: str, live: bool) -> None:
    if live:
        shop.make_live()
    shop.fake.power.set_asset_tag(tag)
    made = await shop.up()
    assert made["phase"] == "identify"
    assert tag in str(made["reason"])
    assert made["nextStep"] == "clear the asset tag if the machine may be installed"
    assert shop.wrote() == []


@pytest.mark.parametrize("journal", ["kept", "lost"])
async def test_installation_under_way_is_awaited(shop: SiteInProcess, journal: str) -> None:
    shop.metal.install_seconds = 0.3
    first = asyncio.ensure_future(shop.up())
    while not shop.metal.wiped:
        await asyncio.sleep(0.002)
    first.cancel()
    await asyncio.wait({first})
    shop.restart()
    shop.wrote()
    if journal == "lost":
        shop.lose_journal()
    assert (await shop.up())["ready"] is True
    assert shop.wrote() == [*BOOT, f"{TAG}1"]
    assert (shop.metal.installed, shop.metal.wiped) == ([1], 1)


async def test_bios_never_cuts_an_installation_short(shop: SiteInProcess) -> None:
    """A BMC may show the old BIOS until its machine's next inventory."""
    shop.metal.install_seconds = 0.3
    first = asyncio.ensure_future(shop.up())
    while not shop.metal.wiped:
        await asyncio.sleep(0.002)
    first.cancel()
    await asyncio.wait({first})
    shop.restart()
    shop.fake.state.bios.now["WorkloadProfile"] = "Balanced"
    made = await shop.up()
    assert (shop.metal.installed, shop.metal.wiped) == ([1], 1)
    assert made["ready"] is False
    assert "BIOS WorkloadProfile did not persist" in str(made["reason"])
    assert (await shop.up())["ready"] is True, "the next update restarts it for its BIOS"
    assert shop.metal.wiped == 1


async def test_begun_installation_that_ended_unseen_is_booted_not_repeated(
    shop: SiteInProcess,
) -> None:
    shop.make_live(tag=f"bloomery/{SITE}/g1-installing")
    await shop.metal.power_off(graceful=False)
    assert (await shop.up())["ready"] is True
    assert shop.wrote() == [*BOOT, f"{TAG}1"]
    assert shop.metal.wiped == 0


async def test_begun_installation_whose_disk_does_not_boot_is_repeated_once(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch, "boot")
    shop.make_live(tag=f"bloomery/{SITE}/g1-installing")
    await shop.metal.power_off(graceful=False)
    shop.metal.disk = None
    assert (await shop.up())["ready"] is True
    assert shop.wrote() == [*BOOT, "power ForceOff", *install()]
    assert shop.metal.installed == [1]


async def test_repeated_installation_that_fails_too_stops(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch, "boot")
    shop.make_live(tag=f"bloomery/{SITE}/g1-installing")
    await shop.metal.power_off(graceful=False)
    shop.metal.disk, shop.metal.dead_disks = None, 9
    made = await shop.up()
    assert (made["phase"], made["ready"]) == ("boot", False)
    assert shop.metal.installed == [1], "once more, and not twice"


async def test_power_lost_during_an_installation_is_no_proof(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine is off, as after a good end; it is installed again by the next update."""
    short(monkeypatch, "boot")
    shop.metal.cut_power = True
    made = await shop.up()
    assert (made["phase"], made["ready"]) == ("boot", False)
    assert shop.metal.wiped == 1, "not repeated on the spot"
    assert shop.fake.state.asset_tag.endswith("-installing")
    assert (await shop.up())["ready"] is True
    assert shop.metal.installed == [1]


async def test_silent_host_is_stuck_and_then_accepted_without_a_second_installation(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch, "reachable")
    shop.metal.deaf = True
    made = await shop.up()
    assert made["phase"] == "reachable"
    assert "connection refused" in str(made["reason"])
    assert "console" in str(made["nextStep"])
    shop.metal.deaf, shop.metal.answers = False, True
    assert (await shop.up())["ready"] is True
    assert shop.metal.wiped == 1


async def test_raised_generation_installs_a_live_machine_again(shop: SiteInProcess) -> None:
    await shop.up()
    shop.wrote()
    made = await shop.up(node_plan(install_generation=2))
    assert made["ready"] is True
    assert shop.wrote() == ["power GracefulShutdown", *install(2)]
    assert shop.metal.installed == [1, 2]
    again = await shop.up(node_plan(install_generation=2))
    assert (again["ready"], shop.wrote()) == (True, [])


async def test_lowered_generation_changes_nothing(shop: SiteInProcess) -> None:
    node = node_plan(install_generation=3)
    shop.make_live(node, tag=f"bloomery/{SITE}/g3")
    assert (await shop.up())["ready"] is True
    assert shop.wrote() == []


async def test_deaf_operating_system_loses_power_after_its_grace(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(power, "GRACE", 30.0)
    await shop.up()
    shop.wrote()
    shop.metal.stubborn = True
    assert (await shop.up(node_plan(install_generation=2)))["ready"] is True
    assert shop.wrote() == ["power GracefulShutdown", "power ForceOff", *install(2)]


def test_the_grace_fits_into_each_phase_that_switches_off() -> None:
    for phase in ("bios", "media"):
        assert ON_METAL[phase] > power.GRACE, "the power would never be cut"


async def test_changed_bios_restarts_a_live_machine_and_wipes_nothing(shop: SiteInProcess) -> None:
    shop.make_live()
    shop.fake.state.bios.now["WorkloadProfile"] = "Balanced"
    assert (await shop.up())["ready"] is True
    assert shop.wrote() == [*BIOS, "power GracefulShutdown", *BOOT]
    assert shop.fake.bios.now()["WorkloadProfile"] == "MaxPerformance"


async def test_bios_that_does_not_hold_is_no_success(shop: SiteInProcess) -> None:
    shop.make_live()
    state = shop.fake.state.bios
    state.now["WorkloadProfile"] = "Balanced"
    shop.fake.bios.apply = lambda: state.pending.clear() or ()  # type: ignore[method-assign]
    made = await shop.up()
    assert made["ready"] is False
    assert "did not persist over the restart" in str(made["reason"])


async def test_bios_key_missing_until_the_bmc_was_reset(shop: SiteInProcess) -> None:
    shop.fake.faults.apply("bios-key-missing", key="WorkloadProfile")
    assert (await shop.up())["ready"] is True
    assert shop.wrote() == [*PASSWORD, *BIOS, "reset_bmc", *BIOS, *install()]
    assert {login[2] for login in shop.logins} <= {"ok", "Unreachable"}, "a wrong login"


async def test_bios_key_nobody_knows_stops_after_one_reset(shop: SiteInProcess) -> None:
    node = node_plan(bios={"Turbo": "On"})
    made = await shop.up(node)
    assert (made["phase"], made["ready"]) == ("bios", False)
    assert "Turbo" in str(made["reason"])
    assert shop.wrote().count("reset_bmc") == 1
    await shop.up(node)
    assert "reset_bmc" not in shop.wrote(), "restarted again for the same keys"
    await shop.up(node_plan(bios={"Speed": "High"}))
    assert shop.wrote().count("reset_bmc") == 1, "other keys deserve a try of their own"


async def test_hang_in_post_is_named_and_healed(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch, "boot")
    shop.fake.faults.apply("post-hang")
    made = await shop.up()
    assert made["phase"] == "install"
    assert "POST has not ended (BootProgress MemoryInitializationStarted)" in str(made["reason"])
    shop.fake.faults.clear("post-hang")
    assert (await shop.up())["ready"] is True
    assert shop.metal.installed == [1]


async def test_hang_in_post_on_the_way_back_is_named(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.up()
    await shop.metal.power_off(graceful=False)
    short(monkeypatch, "boot")
    shop.fake.faults.apply("post-hang")
    made = await shop.up()
    assert (made["phase"], made["ready"]) == ("boot", False)
    assert "POST has not ended" in str(made["reason"])
    assert shop.metal.wiped == 1


@pytest.mark.parametrize("name", ["hold", "hold-n01"])
async def test_hold_beats_power_on(shop: SiteInProcess, name: str) -> None:
    hold = shop.root / SITE / name
    hold.write_text("coolant leak in r01\n")
    made = await shop.up()
    assert made["ready"] is False
    assert "on hold: coolant leak in r01" in str(made["reason"])
    assert str(hold) in str(made["nextStep"])
    assert "power On" not in shop.wrote()
    assert ("install", "intent") not in shop.journal(), "nothing was begun, so nothing is announced"
    hold.unlink()
    assert (await shop.up())["ready"] is True


async def test_hold_keeps_an_installed_machine_off(shop: SiteInProcess) -> None:
    await shop.up()
    await shop.metal.power_off(graceful=False)
    shop.wrote()
    (shop.root / SITE / "hold").write_text("")
    made = await shop.up()
    assert (made["phase"], made["ready"]) == ("boot", False)
    assert "no reason given" in str(made["reason"])
    assert "power On" not in shop.wrote()
    assert not shop.metal.on


async def test_hold_of_a_begun_installation_does_not_repeat_it(shop: SiteInProcess) -> None:
    shop.make_live(tag=f"bloomery/{SITE}/g1-installing")
    await shop.metal.power_off(graceful=False)
    (shop.root / SITE / "hold").write_text("later")
    assert (await shop.up())["phase"] == "boot"
    assert "boot_once Cd" not in shop.wrote()


async def test_bmc_that_lies_about_power_does_not_arm_a_live_machine(shop: SiteInProcess) -> None:
    """Neither tag nor journal: only the answer on ssh tells that it is in use."""
    shop.make_live(tag="")
    shop.fake.faults.apply("power-wrong")
    made = await shop.up()
    assert made["phase"] == "identify"
    assert "answers ssh while its BMC reports power off" in str(made["reason"])
    assert shop.wrote() == []


async def test_power_change_under_way_is_awaited(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.make_live()
    true, asked = shop.fake.power.state, []

    def state() -> str:
        asked.append(1)
        return "PoweringOn" if len(asked) < 6 else true()

    monkeypatch.setattr(shop.fake.power, "state", state)
    assert (await shop.up())["ready"] is True
    assert shop.wrote() == []
    assert len(asked) >= 6


async def test_host_that_says_another_name_is_an_error(shop: SiteInProcess) -> None:
    shop.make_live()
    with pytest.raises(Exception, match="host says it is n01") as caught:
        await shop.up(replace(node_plan(), name="renamed"))
    assert "install generation" in str(caught.value)
    assert shop.wrote() == []


async def test_busy_bmc_is_waited_out(shop: SiteInProcess) -> None:
    shop.fake.faults.apply("http", status=503, count=12)
    assert (await shop.up())["ready"] is True


async def test_waiting_for_a_place_does_not_count_against_the_limit(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = SiteInProcess.open(tmp_path, machines=3)
    short(monkeypatch, "install", seconds=2)
    shop.context.installs = asyncio.Semaphore(1)
    for metal in shop.metals.values():
        metal.install_seconds = 0.9
    made = await asyncio.gather(*(shop.up(node_plan(number)) for number in (1, 2, 3)))
    await shop.close()
    assert [node["ready"] for node in made] == [True, True, True], [n["reason"] for n in made]


async def test_nothing_secret_is_said_or_written(shop: SiteInProcess) -> None:
    await shop.up()
    said = "\n".join(message for _, message in shop.log.said)
    text = said + (shop.root / SITE / "journal" / "n01.jsonl").read_text()
    key = shop.metal.disk["ssh_host_ed25519_key"].splitlines()[1]  # type: ignore[index]
    for secret in (shop.derived(), "left-the-factory-7", key):
        assert secret not in text
    assert ".iso" not in text, "the URL of a medium is a secret too"


async def test_silence_is_named_when_the_limit_is_reached(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch, "identify")
    shop.fake.faults.apply("sessions-full")
    made = await shop.up()
    assert made["phase"] == "identify"
    assert "sessions" in str(made["reason"])
    assert made["nextStep"] == "check the BMC's power and cabling"


@pytest.mark.parametrize("power_state", ["On", "Off"])
async def test_installer_whose_seed_went_with_its_provider_is_started_again(
    shop: SiteInProcess, power_state: str
) -> None:
    """It is past POST, or off; but what it would lay down was never fetched."""
    shop.fake.accounts.set_password("admin", shop.derived())
    shop.fake.bios.stage(node_plan().bios)
    shop.fake.bios.apply()
    shop.fake.media.insert("Cd", node_plan().image)
    shop.fake.media.insert("Seed", "https://127.83.0.1:1/gone/seed.iso")
    shop.fake.power.set_asset_tag(f"bloomery/{SITE}/g1-installing")
    shop.context.journal("n01").write("install", "intent", generation=1)
    if power_state == "On":
        shop.metal.on, shop.metal.progress = True, "OSBootStarted"
    assert (await shop.up())["ready"] is True
    began = ["power GracefulShutdown"] if power_state == "On" else []
    assert shop.wrote() == began + install()
    assert shop.metal.installed == [1]


@pytest.mark.parametrize("answer", ["given", "lost"])
async def test_installation_that_ends_while_its_bmc_is_silent(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """The button is pressed, and the next that is heard of the machine is that it is off."""
    short(monkeypatch, "install", seconds=2)
    pressed = Watched.power

    def press(self: Watched, action: PowerAction) -> None:
        first = action == "On" and not shop.metal.boots
        pressed(self, action)
        while first and (not shop.metal.installed or shop.metal.on):
            time.sleep(0.001)
        if first and answer == "lost":
            raise Unreachable("the connection was closed", subject="n01")

    monkeypatch.setattr(Watched, "power", press)
    made = await shop.up()
    assert (made["ready"], made["reason"]) == (True, "")
    assert shop.wrote() == PASSWORD + BIOS + install()
    assert shop.metal.boots == ["Cd", "Hdd"]


async def test_two_media_where_the_site_wants_them(shop: SiteInProcess) -> None:
    shop.media = "two"
    shop.restart()
    assert (await shop.up())["ready"] is True
    wrote = shop.wrote()
    assert [one for one in wrote if one in TWO_MEDIA][: len(TWO_MEDIA)] == TWO_MEDIA
    assert shop.metal.installed == [1]
    assert shop.images.asked == [], "the BMC reads the installer from the web server"


async def test_one_medium_where_there_is_one_slot(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many the site wants."""
    whole = Watched.personality

    def poor(self: Watched) -> Personality:
        return replace(whole(self), slots={"Cd": "/redfish/v1/Managers/1/VirtualMedia/Cd"})

    def no_slot(self: Watched, slot: MediaSlot, url: str) -> None:
        if slot == "Seed":
            raise Unsupported("the BMC has no second slot that fits, for Seed")
        insert(self, slot, url)

    insert = Watched.insert_media
    monkeypatch.setattr(Watched, "personality", poor)
    monkeypatch.setattr(Watched, "insert_media", no_slot)
    for media in ("one", "two"):
        shop.media = media
        shop.restart()
        generation = 1 if media == "one" else 2
        made = await shop.up(node_plan(install_generation=generation))
        assert (made["ready"], made["reason"]) == (True, "")
    assert shop.metal.installed == [1, 2]


async def test_other_numbers_of_media_are_refused(shop: SiteInProcess) -> None:
    with pytest.raises(NotReadyError, match="media '3' is neither one nor two"):
        shop.context.configure({"site": SITE, "media": "3"})
