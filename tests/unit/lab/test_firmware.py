"""The firmware's state machine on a body without metal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bloomery.drivers.redfish.machine import BootOrder
from bloomery.errors import LabError
from bloomery.lab.console import Console
from bloomery.lab.faults import MachineFaults
from bloomery.lab.firmware import PlayedBoot
from bloomery.lab.medium import SEED_VOLUME, Medium, make_iso
from bloomery.lab.powered import Chip, Powered

META = b'{"site":"s","node":"n","generation":1,"image":"i","hostname":"n","user":"u"}'
CD, SEED = "https://a/cd", "https://a/secret-token/seed"


class Body:
    """Remembers what was asked of it."""

    dies_with_daemon = False

    def __init__(self) -> None:
        self.did: list[str] = []
        self.installed = self.on = self.up = self.outlived = False
        self.hold = asyncio.Event()
        self.hold.set()
        self.tell: Callable[[], None] = lambda: None

    def bootable(self) -> bool:
        return self.installed

    async def install(self, medium, seed, say) -> None:
        self.did.append("install")
        await self.hold.wait()
        self.installed = True

    async def boot(self, faults) -> None:
        self.did.append("boot")
        self.on = self.up = True
        self.tell()

    async def shutdown(self) -> None:
        self.did.append("shutdown")

    async def cut(self) -> None:
        self.did.append("cut")
        self.on = self.up = False

    def running(self) -> bool:
        return self.on

    def ready(self) -> bool:
        return self.up

    async def adopt(self) -> bool:
        self.on = self.up = self.outlived
        return self.outlived

    async def begin(self, fault, faults) -> None: ...

    async def end(self, fault, faults) -> None: ...

    def on_change(self, callback) -> None:
        self.tell = callback

    async def close(self) -> None: ...


class Rig:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.served = {
            CD: Medium("image", "recipe", "", "").iso(),
            SEED: make_iso(SEED_VOLUME, {"meta.json": META}),
        }
        self.fetched: list[str] = []

    def firmware(self, body: Body) -> Powered:
        chip = Chip(
            Console(self.folder / "console"),
            self.folder / "power.json",
            self.folder / "seed.iso",
            self.fetch,
            "recipe",
            post_seconds=0.0,
        )
        return Powered(chip, PlayedBoot(body), MachineFaults())

    async def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        if url not in self.served:
            raise LabError("HTTP 404")
        return self.served.pop(url) if url == SEED else self.served[url]

    def console(self) -> str:
        return (self.folder / "console").read_text()


async def settled(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


async def test_an_installation_ends_with_the_machine_off_and_a_disk_that_boots(rig: Rig) -> None:
    body = Body()
    firmware = rig.firmware(body)
    await firmware.power_on(BootOrder("Cd", CD, SEED))
    assert firmware.is_on()
    await settled(lambda: not firmware.is_on())
    assert body.did == ["install"]
    assert not (rig.folder / "seed.iso").exists()
    await firmware.power_on(BootOrder("Hdd"))
    await settled(lambda: firmware.boot_progress() == "OSRunning")
    assert body.did == ["install", "boot"]


async def test_an_empty_disk_leaves_the_machine_on_with_a_message(rig: Rig) -> None:
    firmware = rig.firmware(Body())
    await firmware.power_on(BootOrder("Hdd"))
    await settled(lambda: "no boot device" in rig.console())
    assert firmware.is_on()
    assert firmware.boot_progress() == "None"


@pytest.mark.parametrize(
    ("boot", "reason"),
    [
        (BootOrder("Cd", "", SEED), "no medium in the drive"),
        (BootOrder("Cd", CD, ""), "volume 'BLOOMERY_OS' is no seed"),
        (BootOrder("Cd", "https://a/other", SEED), "medium cannot be fetched: HTTP 404"),
        (BootOrder("Cd", SEED, SEED), "is no OS medium"),
    ],
)
async def test_what_cannot_be_installed_leaves_the_disk_alone(
    rig: Rig, boot: BootOrder, reason: str
) -> None:
    body = Body()
    firmware = rig.firmware(body)
    await firmware.power_on(boot)
    await settled(lambda: "halted" in rig.console())
    assert reason in rig.console()
    assert body.did == []
    assert firmware.is_on()


async def test_a_medium_of_another_recipe_is_refused(rig: Rig) -> None:
    rig.served[CD] = Medium("image", "older", "", "").iso()
    body = Body()
    await rig.firmware(body).power_on(BootOrder("Cd", CD, SEED))
    await settled(lambda: "another image recipe" in rig.console())
    assert body.did == []


async def test_the_console_never_shows_the_seeds_address(rig: Rig) -> None:
    firmware = rig.firmware(Body())
    await firmware.power_on(BootOrder("Cd", CD, SEED))
    await settled(lambda: not firmware.is_on())
    assert "secret-token" not in rig.console()


async def test_power_off_ends_an_installation(rig: Rig) -> None:
    body = Body()
    body.hold.clear()
    firmware = rig.firmware(body)
    await firmware.power_on(BootOrder("Cd", CD, SEED))
    await settled(lambda: body.did == ["install"])
    await firmware.power_off(graceful=False)
    assert not firmware.is_on()
    assert not body.installed


async def test_a_killed_daemon_finishes_the_installation_with_the_seed_it_had(rig: Rig) -> None:
    body = Body()
    body.hold.clear()
    firmware = rig.firmware(body)
    await firmware.power_on(BootOrder("Cd", CD, SEED))
    await settled(lambda: body.did == ["install"])
    await firmware.close()
    second = Body()
    resumed = rig.firmware(second)
    await resumed.resume()
    await settled(lambda: not resumed.is_on())
    assert second.installed
    assert rig.fetched.count(SEED) == 1


@pytest.mark.parametrize("before", ["firmware.open_seed", "powered.write_json"])
async def test_no_moment_loses_the_seed_before_its_installation_is_written_down(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    """Killed as soon as the seed has come, or when all is laid down and not yet said to be."""
    body = Body()

    class Killed(Exception):  # no error: the daemon is gone
        pass

    def killed(*_: object) -> None:
        raise Killed

    async def install(medium, seed, say) -> None:
        monkeypatch.setattr(f"bloomery.lab.{before}", killed)

    body.install = install  # type: ignore[method-assign]
    if before == "firmware.open_seed":
        monkeypatch.setattr(f"bloomery.lab.{before}", killed)
    firmware = rig.firmware(body)
    await firmware.power_on(BootOrder("Cd", CD, SEED))
    assert firmware._work
    with pytest.raises(Killed):
        await firmware._work
    monkeypatch.undo()
    second = Body()
    resumed = rig.firmware(second)
    await resumed.resume()
    await settled(lambda: not resumed.is_on())
    assert second.installed
    assert rig.fetched.count(SEED) == 1


async def test_a_seed_that_outlived_its_installation_is_removed(rig: Rig) -> None:
    firmware = rig.firmware(Body())
    await firmware.power_on(BootOrder("Cd", CD, SEED))
    await settled(lambda: not firmware.is_on())
    (rig.folder / "seed.iso").write_text("left by a kill just before it was removed")
    await rig.firmware(Body()).resume()
    assert not (rig.folder / "seed.iso").exists()


async def test_a_guest_that_outlived_the_daemon_is_taken_over(rig: Rig) -> None:
    body = Body()
    body.installed = True
    firmware = rig.firmware(body)
    await firmware.power_on(BootOrder("Hdd"))
    await settled(lambda: firmware.boot_progress() == "OSRunning")
    survivor, lost = Body(), Body()
    survivor.outlived = True
    resumed = rig.firmware(survivor)
    await resumed.resume()
    assert (resumed.is_on(), resumed.boot_progress(), survivor.did) == (True, "OSRunning", [])
    gone = rig.firmware(lost)
    await gone.resume()
    assert (gone.is_on(), lost.did) == (False, [])


async def test_a_system_that_ignores_the_button_stays_on(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bloomery.lab.firmware.GRACE_SECONDS", 0.3)
    body = Body()
    body.installed = True
    firmware = rig.firmware(body)
    await firmware.power_on(BootOrder("Hdd"))
    await settled(lambda: firmware.boot_progress() == "OSRunning")
    await firmware.power_off(graceful=True)
    assert firmware.is_on()
    assert "did not react" in rig.console()
    await firmware.power_off(graceful=False)
    assert not firmware.is_on()


async def test_a_system_that_switches_itself_off_is_seen_and_told(rig: Rig) -> None:
    body = Body()
    body.installed = True
    firmware = rig.firmware(body)
    told: list[bool] = []
    firmware.on_change(lambda: told.append(firmware.is_on()))
    await firmware.power_on(BootOrder("Hdd"))
    await settled(lambda: firmware.boot_progress() == "OSRunning")
    body.on = body.up = False
    body.tell()
    assert not firmware.is_on()
    assert told[-1] is False


async def test_installer_and_seed_on_one_medium_are_read_once(rig: Rig) -> None:
    about = b'{"image": "image", "recipe": "recipe"}'
    rig.served[CD] = make_iso(SEED_VOLUME, {"media.json": about, "meta.json": META})
    body = Body()
    firmware = rig.firmware(body)
    await firmware.power_on(BootOrder("Cd", CD, ""))
    await settled(lambda: not firmware.is_on())
    assert body.did == ["install"]
    assert rig.fetched == [CD]
