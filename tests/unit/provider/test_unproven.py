"""A machine whose BMC nothing proves is not installed unless the site allows it."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from site_in_process import RAM, SITE, SiteInProcess, node_plan, node_props

from bloomery.errors import BloomeryError
from bloomery.plan.model import NodePlan
from bloomery.provider.journal import Journal
from bloomery.provider.phases.node import identify
from bloomery.provider.phases.node.limits import LIMITS

WHY = "no recorded BMC tree stands for bx-1"


def unproven(*, allow: bool = False, **changes: object) -> NodePlan:
    plan = node_plan(**changes)
    return replace(plan, bmc=replace(plan.bmc, unproven=WHY, allow_unproven=allow))


async def test_nothing_is_changed_and_the_way_on_is_said(shop: SiteInProcess) -> None:
    made = await shop.up(unproven())
    assert (made["phase"], made["ready"]) == ("identify", False)
    assert made["reason"] == f"not installed, as it is unproven: {WHY}; nothing was changed"
    assert "set allow_unproven: true of pool train in site.yaml" in str(made["nextStep"])
    assert f"bloomery bmc record n01 FOLDER --site {SITE}" in str(made["nextStep"])
    assert (shop.wrote(), shop.metal.boots) == ([], [])


async def test_the_key_lets_it_go_on(shop: SiteInProcess) -> None:
    stuck = await shop.up(unproven())
    allowed = unproven(allow=True)
    assert set(shop.node.diff(stuck, node_props(allowed)).properties) == {"bmc", "ready"}
    made = await shop.up(allowed)
    assert (made["ready"], made["reason"]) == (True, "")
    assert shop.metal.installed == [1]


async def test_one_that_is_in_use_is_kept_going_and_not_wiped(shop: SiteInProcess) -> None:
    shop.make_live()
    assert (await shop.up(unproven(bios={"WorkloadProfile": "Balanced"})))["ready"] is True
    made = await shop.up(unproven(install_generation=2))
    assert (made["ready"], shop.metal.wiped, shop.metal.on) == (False, 0, True)


async def test_a_password_that_comes_first_is_all_that_is_changed(shop: SiteInProcess) -> None:
    shop.fake.accounts.expire("admin")
    made = await shop.up(unproven())
    assert "nothing was changed but the password" in str(made["reason"])
    assert shop.wrote() == ["set_password"]


async def test_an_installation_that_has_begun_is_ended(shop: SiteInProcess) -> None:
    """By the last release, which did not ask: what was wiped is not left half-way."""
    shop.metal.install_seconds = 0.3
    first = asyncio.ensure_future(shop.up())
    while not shop.metal.wiped:
        await asyncio.sleep(0.001)
    first.cancel()
    await asyncio.wait({first})
    await shop.context.media.close()
    shop.restart()
    made = await shop.up(unproven())
    assert (made["ready"], made["reason"]) == (True, "")
    assert (shop.metal.installed, shop.metal.wiped) == ([1], 1)


async def test_what_failed_is_not_begun_again(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system that never answers is laid down anew, once: not where nothing proves the BMC."""
    monkeypatch.setitem(LIMITS, "boot", 300.0)  # it is waited for in vain
    shop.metal.deaf = True
    book = Journal(shop.root / SITE / "journal", "n01")
    book.write("install", "intent", generation=1)
    book.write("media", "verified", generation=1)
    made = await shop.up(unproven())
    assert made["ready"] is False and WHY in str(made["reason"])
    assert shop.metal.wiped == 0


async def test_the_destructive_phases_ask_by_themselves(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identify, "respect_evidence", lambda *_: None)
    made = await shop.up(unproven())
    assert (made["phase"], made["ready"]) == ("media", False)
    assert not [one for one in shop.wrote() if one.startswith(("insert", "boot_once", "tag"))]


async def test_a_node_of_the_last_release_is_updated_in_place(shop: SiteInProcess) -> None:
    """It has neither input; a proven one has none now either, and nothing changes."""
    shop.make_live()
    olds = await shop.up()
    assert "unproven" not in olds["bmc"]  # type: ignore[operator]
    assert shop.node.diff(olds, node_props(node_plan())).properties == ()
    assert shop.node.diff(olds, node_props(unproven())).properties == ("bmc",)
    made = await shop.node.update("urn", "id", olds, node_props(unproven()))
    assert (made["ready"], shop.metal.wiped) == (True, 0)


STATES: dict[str, Callable[[SiteInProcess], None]] = {
    "new": lambda shop: None,
    "live": lambda shop: shop.make_live(),
    "silent": lambda shop: shop.make_live(tag=""),
    "password first": lambda shop: shop.fake.accounts.expire("admin"),
    "media in": lambda shop: shop.fake.media.insert("Cd", "https://127.83.0.1/other.iso"),
}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    state=st.sampled_from(sorted(STATES)),
    tag=st.sampled_from(("", "g1", "g1-installing", "g2", "g2-installing")),
    line=st.sampled_from(("", "install intent", "media verified", "install verified")),
    off=st.booleans(),
    generation=st.integers(1, 3),
)
def test_it_is_never_installed_without_the_key(
    state: str, tag: str, line: str, off: bool, generation: int
) -> None:
    async def story(root: Path) -> None:
        shop = SiteInProcess.open(root)
        STATES[state](shop)
        if tag:
            shop.fake.power.set_asset_tag(f"bloomery/{SITE}/{tag}")
        if line:
            phase, event = line.split()
            Journal(root / SITE / "journal", "n01").write(phase, event, generation=1)  # type: ignore[arg-type]
        if off:
            await shop.metal.power_off(graceful=False)
        with contextlib.suppress(BloomeryError):
            await shop.up(unproven(install_generation=generation))
        await asyncio.sleep(0.01)
        assert shop.metal.wiped == 0
        wrote = shop.wrote()
        assert not [one for one in wrote if one.startswith(("insert_media", "boot_once"))], wrote
        await shop.close()

    with tempfile.TemporaryDirectory(dir=RAM) as folder, pytest.MonkeyPatch.context() as patch:
        for phase in LIMITS:  # silent machines are waited for in vain, and often here
            patch.setitem(LIMITS, phase, 300.0)
        asyncio.run(story(Path(folder)))
