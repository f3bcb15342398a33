"""A provider that goes away while a machine reads its medium, and one that comes back.

No machine with a finished installation is installed again, one that can go on does, and one
that lost its seed half-way is begun anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from site_in_process import CONTROLLER, SITE, SiteInProcess, Watched, node_plan

from bloomery.drivers.redfish.fake.media import VirtualMedia
from bloomery.errors import Unreachable
from bloomery.provider.bmc import BmcLinks
from bloomery.provider.media.reading import OFFERED, READ
from bloomery.provider.phases.node import medium
from bloomery.provider.phases.node.work import NodeSetting

SMALL = 16 * 1024
"""Bytes of a range here: a medium is some thirty of them."""


@pytest.fixture(autouse=True)
def ample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds a machine gets to read on: more than any good one here takes."""
    monkeypatch.setattr(medium, "READS_ON", 1000.0)


def attempts(shop: SiteInProcess) -> list[object]:
    return [e.data["attempt"] for e in shop.context.journal("n01").entries() if is_offer(e)]


def is_offer(entry: object) -> bool:
    return (entry.phase, entry.event) == OFFERED  # type: ignore[attr-defined]


def reads_in(shop: SiteInProcess, parts: int) -> Callable[[], bool]:
    return lambda: len(shop.metal.parts) >= parts


@pytest.mark.parametrize("parts", [1, 8, 31])
async def test_a_machine_that_asks_again_reads_on_where_it_was(
    shop: SiteInProcess, parts: int
) -> None:
    metal = shop.metal
    metal.block, metal.read_pause, metal.retries, metal.reads_late = SMALL, 0.01, 500, True
    await shop.gone_when(reads_in(shop, parts))
    assert not metal.installed
    made = await shop.up()
    assert (made["ready"], made["reason"]) == (True, "")
    assert (metal.installed, metal.wiped, metal.boots) == ([1], 1, ["Cd", "Hdd"])
    assert attempts(shop) == [1], "it was begun again"
    assert "boot_once Cd" not in shop.wrote()


async def test_a_seed_read_from_two_providers_is_known_to_the_third(shop: SiteInProcess) -> None:
    """Half of it went out before the first was killed, and the rest before the second was."""
    metal = shop.metal
    metal.block, metal.read_pause, metal.retries, metal.reads_late = 2048, 0.001, 500, True
    metal.install_seconds = 0.05
    await shop.gone_when(lambda: ("seed", "verified") in shop.journal())
    assert (metal.wiped, ("media", "verified") in shop.journal()) == (0, False)
    await shop.gone_when(lambda: metal.wiped == 1)
    while metal.on:
        await asyncio.sleep(0.005)
    made = await shop.up()
    assert (made["ready"], made["reason"]) == (True, "")
    assert (metal.installed, metal.wiped, metal.boots) == ([1], 1, ["Cd", "Hdd"])
    assert attempts(shop) == [1], "it was begun again"


async def test_a_machine_that_gave_up_is_begun_again(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(medium, "READS_ON", 100.0)
    metal = shop.metal
    metal.block, metal.read_pause, metal.reads_late = SMALL, 0.01, True
    await shop.gone_when(reads_in(shop, 2))
    await asyncio.sleep(0.05)  # its installer halts
    made = await shop.up()
    assert (made["ready"], made["reason"]) == (True, "")
    assert (metal.installed, metal.boots) == ([1], ["Cd", "Cd", "Hdd"])
    assert attempts(shop) == [1, 2]
    assert shop.fake.state.asset_tag == f"bloomery/{SITE}/g1"


async def test_a_medium_that_a_bmc_loads_at_once_is_no_reason_to_install_twice(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is read before the machine starts; then nothing is asked for any more."""
    insert, metal = VirtualMedia.insert, shop.metal
    loading: list[asyncio.Task[None]] = []

    async def load(url: str) -> None:
        metal.cached[url] = await metal.read(url) or b""

    def inserts(self: VirtualMedia, slot: str, url: str) -> None:
        insert(self, slot, url)
        if url.endswith("g1-1.iso"):
            loading.append(asyncio.get_running_loop().create_task(load(url)))

    async def loaded(_: object) -> None:
        await asyncio.gather(*loading)

    monkeypatch.setattr(VirtualMedia, "insert", inserts)
    switch_on = metal.power_on

    async def power_on(boot: object) -> None:
        await loaded(boot)
        await switch_on(boot)  # type: ignore[arg-type]

    monkeypatch.setattr(metal, "power_on", power_on)
    await shop.gone_when(lambda: metal.installed == [1] and not metal.on)
    made = await shop.up()
    assert (made["ready"], made["reason"]) == (True, "")
    assert (metal.installed, metal.wiped) == ([1], 1)


async def test_an_installation_that_hardware_initialisation_hides_is_not_cut(
    shop: SiteInProcess,
) -> None:
    """Some BMCs say for ever that their machine is in POST."""
    metal = shop.metal
    metal.install_seconds = 0.5
    metal.boot_progress = lambda: "SystemHardwareInitializationComplete"  # type: ignore[method-assign]
    await shop.gone_when(lambda: metal.wiped == 1)
    made = await shop.up()
    assert (made["ready"], made["reason"]) == (True, "")
    assert (metal.installed, metal.wiped) == ([1], 1)


async def test_a_port_that_is_taken_meanwhile_begins_it_again(shop: SiteInProcess) -> None:
    metal = shop.metal
    metal.block, metal.read_pause, metal.reads_late = SMALL, 0.01, True
    await shop.gone_when(reads_in(shop, 2))
    offer = shop.context.journal("n01").last(*OFFERED)
    assert offer is not None
    squatter = await asyncio.start_server(lambda *_: None, CONTROLLER, int(offer.data["port"]))
    made = await shop.up()
    squatter.close()
    assert made["ready"] is True
    assert metal.installed == [1]
    assert any("its medium is not there any more" in line for line in shop.log.of("warn"))


@pytest.mark.parametrize(
    "write", ["eject_media", "insert_media", "boot_once", "set_asset_tag", "power", "set_password"]
)
async def test_a_lost_answer_changes_nothing(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    """What was asked for was done; that it was is never heard."""
    lost: list[str] = []
    asked = getattr(Watched, write)

    def silent(self: Watched, *args: object) -> None:
        asked(self, *args)
        if len(lost) < 2:
            lost.append(write)
            raise Unreachable("the connection was closed", subject="n01")

    monkeypatch.setattr(Watched, write, silent)
    made = await shop.up()
    assert (made["ready"], made["reason"]) == (True, "")
    assert lost and (shop.metal.installed, shop.metal.wiped) == ([1], 1)
    assert attempts(shop) == [1]


async def test_each_installation_has_a_url_of_its_own(shop: SiteInProcess) -> None:
    told: list[str] = []
    insert = shop.fake.media.insert
    shop.fake.media.insert = lambda slot, url: (told.append(url), insert(slot, url))[1]  # type: ignore[method-assign,func-returns-value]
    await shop.up()
    await shop.up(node_plan(install_generation=2))
    seeds = [url for url in told if url.endswith(".iso") and "/g" in url]
    assert len(set(seeds)) == len(seeds) == 2
    assert len({url.split("/")[3] for url in seeds}) == 2
    assert all(len(url.split("/")[3]) >= 43 for url in seeds)
    assert shop.context.journal("n01").last(*READ) is not None


async def test_a_medium_is_gone_once_it_was_ejected(shop: SiteInProcess) -> None:
    await shop.up()
    assert not shop.context.media._offers


@pytest.mark.parametrize("again", [False, True])
async def test_what_was_read_as_a_whole_stays_so_until_the_next_offer(
    shop: SiteInProcess, again: bool
) -> None:
    """A process that comes back counts from nothing, and writes of a part."""
    journal, node = shop.context.journal("n01"), node_plan()
    setting = NodeSetting(SITE, "release", CONTROLLER)
    async with BmcLinks(shop.context).link(node) as link:
        work = shop.node._work("", node, setting, link)
    journal.write(*OFFERED, generation=1, attempt=1, port=1, image="")
    assert not medium._all_was_read(work)
    journal.write(*READ, read=9, of=9, whole=1)
    journal.write(*READ, read=3, of=9, whole=0)
    assert medium._all_was_read(work)
    if again:
        journal.write(*OFFERED, generation=1, attempt=2, port=1, image="")
        assert not medium._all_was_read(work)
