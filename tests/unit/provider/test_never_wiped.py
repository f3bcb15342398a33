"""Whatever tag, journal, media and power state say: a machine that answers is not wiped."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from site_in_process import IMAGE, RAM, SITE, SiteInProcess, node_plan

from bloomery.errors import BloomeryError
from bloomery.provider.journal import Journal
from bloomery.provider.phases.node.limits import LIMITS

TAGS = ("", "g1", "g1-installing", "g2", "g2-installing", "other/g1", "ACME")
JOURNALS = ("none", "torn", "intent 1", "intent 2", "taken 1", "verified 1", "verified 2")


def write_journal(shop: SiteInProcess, kind: str) -> None:
    """A journal that ends in the middle of something."""
    book = Journal(shop.root / SITE / "journal", "n01")
    what, _, number = kind.partition(" ")
    if what in ("intent", "taken", "verified"):
        book.write("install", "intent", generation=int(number))
    if what in ("taken", "verified"):
        book.write("media", "verified", generation=int(number))
    if what == "verified":
        book.write("install", "verified", generation=int(number))
    if what == "torn":
        book.write("install", "begin")
        path = shop.root / SITE / "journal" / "n01.jsonl"
        path.write_bytes(path.read_bytes()[:-20])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    tag=st.sampled_from(TAGS),
    journal=st.sampled_from(JOURNALS),
    media=st.sampled_from(("", "Cd", "Cd Seed")),
    once=st.booleans(),
    bios_right=st.booleans(),
    lies=st.booleans(),
)
@example("", "none", "", False, True, True)
@example("g1-installing", "intent 1", "Cd Seed", True, True, False)
@example("", "none", "Cd Seed", True, False, False)
def test_an_answering_node_is_never_wiped(
    tag: str, journal: str, media: str, once: bool, bios_right: bool, lies: bool
) -> None:
    async def story(root: Path) -> None:
        shop = SiteInProcess.open(root)
        full = tag if tag in ("", "ACME") else f"bloomery/{'' if '/' in tag else SITE + '/'}{tag}"
        shop.make_live(tag=full)
        write_journal(shop, journal)
        for slot in media.split():
            shop.fake.media.insert(slot, IMAGE)  # type: ignore[arg-type]
        if once:
            shop.fake.power.set_override("Cd", "Once")
        if not bios_right:
            shop.fake.state.bios.now["WorkloadProfile"] = "Balanced"
        if lies:
            shop.fake.faults.apply("power-wrong")
        with contextlib.suppress(BloomeryError):  # stopping is always allowed
            await shop.up()
        await asyncio.sleep(0.01)
        assert shop.metal.wiped == 0
        assert "boot_once Cd" not in shop.wrote(), "armed: the next restart would wipe it"
        await shop.close()

    with tempfile.TemporaryDirectory(dir=RAM) as folder, pytest.MonkeyPatch.context() as patch:
        for phase in LIMITS:  # a liar is waited for in vain, and often here
            patch.setitem(LIMITS, phase, 300.0)
        asyncio.run(story(Path(folder)))


@pytest.mark.parametrize("lost", ["journal", "journal and tag", "tag"])
async def test_lost_memory_adopts(shop: SiteInProcess, lost: str) -> None:
    await shop.up()
    if "journal" in lost:
        shop.lose_journal()
    if "tag" in lost:
        shop.fake.power.set_asset_tag("")
    shop.restart()
    assert (await shop.up(node_plan()))["ready"] is True
    assert shop.metal.installed == [1]
    assert shop.fake.state.asset_tag == f"bloomery/{SITE}/g1"
