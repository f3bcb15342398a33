"""The provider killed at every journal line and every write to a BMC, then run afresh.

A kill is an exception nothing catches, after which neither the journal, the BMC nor ssh
is reached any more; the seed server is gone. Memory is thrown away, the disk stays.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from site_in_process import RAM, Axe, Killed, SiteInProcess, node_plan

from bloomery.plan.model import NodePlan

FIRST = node_plan()
AGAIN = node_plan(install_generation=2)


async def fresh(root: Path) -> SiteInProcess:
    return SiteInProcess.open(root)


async def in_use(root: Path) -> SiteInProcess:
    shop = SiteInProcess.open(root)
    assert (await shop.up(FIRST))["ready"] is True
    shop.restart()
    return shop


async def killed(shop: SiteInProcess, node: NodePlan, at: int, *, after: bool) -> list[str]:
    """Run until the axe falls; what had been journalled and written until then."""
    shop.axe.at, shop.axe.after = at, after
    try:
        await shop.up(node)
    except Killed:
        assert shop.axe.dead
    seen = shop.axe.seen
    shop.restart()
    return seen


def in_a_row(shop: SiteInProcess) -> int:
    """Most logins refused in a row: an accepted one makes a BMC forget those before."""
    most = row = 0
    for *_, outcome in shop.logins:
        row = 0 if outcome == "ok" else row + 1
        most = max(most, row)
    return most


async def points(start: Callable[[Path], object], node: NodePlan, root: Path) -> int:
    shop = await start(root)  # type: ignore[misc]
    shop.axe.at = -1
    axe: Axe = shop.axe
    assert (await shop.up(node))["ready"] is True
    await shop.close()
    return len(axe.seen)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("start", "node", "least"),
    [(fresh, FIRST, 30), (in_use, AGAIN, 25)],
    ids=["first", "reinstall"],
)
async def test_killed_once_anywhere(
    ram: Path, start, node: NodePlan, least: int, after: bool
) -> None:
    count = await points(start, node, ram / "clean")
    assert count >= least, "the axe no longer sees what the provider does"
    for at in range(count):
        shop = await start(ram / f"{at}")
        seen = await killed(shop, node, at, after=after)
        made = await shop.up(node)
        where = f"{'after' if after else 'before'} {seen[-1]} (number {at})"
        assert made["ready"] is True, f"{where}: {made['reason']}"
        assert shop.metal.installed.count(node.install_generation) == 1, where
        assert shop.fake.state.asset_tag == f"bloomery/works/g{node.install_generation}", where
        assert not shop.fake.state.media, where
        assert in_a_row(shop) <= 1, f"{where}: {shop.logins}"
        assert len(shop.fake.sessions.all()) == 0, f"{where}: a session stayed open"
        await shop.close()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=2, max_size=5))
def test_killed_again_and_again(cuts: list[tuple[int, bool]]) -> None:
    """Each recovery is killed too; in the end there is one machine, installed once."""

    async def story(root: Path) -> None:
        shop = SiteInProcess.open(root)
        for at, after in cuts:
            await killed(shop, FIRST, at, after=after)
        made = await shop.up(FIRST)
        assert made["ready"] is True, made["reason"]
        assert shop.metal.installed == [1]
        assert in_a_row(shop) <= 2, shop.logins
        await shop.close()

    with tempfile.TemporaryDirectory(dir=RAM) as folder:
        asyncio.run(story(Path(folder)))


async def test_intent_is_on_disk_before_anything_is_destroyed(shop: SiteInProcess) -> None:
    """The order of the lines, as the axe saw them."""
    await shop.up()
    seen = shop.axe.seen
    intent = seen.index("journal install intent")
    assert intent < seen.index("bmc tag bloomery/works/g1-installing") < seen.index("bmc power On")
    assert seen.index("journal credentials intent") < seen.index("bmc set_password")
    assert seen.index("bmc power On") < seen.index("journal install verified")


async def test_cancel_keeps_the_journal_usable(shop: SiteInProcess) -> None:
    shop.metal.install_seconds = 0.2
    work = asyncio.ensure_future(shop.up())
    while not shop.metal.wiped:
        await asyncio.sleep(0.002)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    shop.restart()
    assert (await shop.up())["ready"] is True
    assert shop.metal.installed == [1]
    assert len(shop.fake.sessions.all()) == 0
