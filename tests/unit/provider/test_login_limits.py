"""Never more than two refused logins within a BMC's window, and never an endless lock-out."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from site_in_process import FACTORY_PASSWORD, Killed, SiteInProcess, node_plan

from bloomery.provider import logins


def refused(shop: SiteInProcess) -> int:
    return sum(login[2] == "CredentialRefused" for login in shop.logins)


async def test_two_refusals_however_often_it_is_updated(shop: SiteInProcess) -> None:
    shop.fake.accounts.set_password("admin", "somebody-elses-1")
    first = await shop.up()
    assert (first["phase"], first["ready"]) == ("identify", False)
    assert "the password of epoch 1" in str(first["reason"])
    assert "the factory password" in str(first["reason"])
    assert "set the account's password to the factory one" in str(first["nextStep"])
    for _ in range(5):
        shop.restart()
        again = await shop.up()
        assert "lock-out window" in str(again["reason"])
        assert str(again["nextStep"]).startswith("pulumi up in ")
    assert refused(shop) == 2
    assert not shop.fake.accounts.locked("admin")
    assert shop.wrote() == []


async def test_after_the_window_it_is_tried_again(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.fake.accounts.set_password("admin", "somebody-elses-1")
    await shop.up()
    monkeypatch.setattr(logins, "LOCKOUT_WINDOW", 0.0)
    shop.fake.accounts.set_password("admin", FACTORY_PASSWORD)
    assert (await shop.up())["ready"] is True


async def test_a_kill_between_two_refusals_is_counted(shop: SiteInProcess) -> None:
    shop.fake.accounts.set_password("admin", "somebody-elses-1")
    for _ in range(4):
        shop.axe.at, shop.axe.after = "journal credentials stuck", True
        with contextlib.suppress(Killed):
            await shop.up()
        shop.restart()
    await shop.up()
    assert refused(shop) == 2


async def test_locked_account_is_named_and_not_hammered(shop: SiteInProcess) -> None:
    shop.fake.faults.apply("account-locked")
    made = await shop.up()
    assert "locked" in str(made["reason"])
    assert len(shop.logins) == 1
    shop.fake.faults.clear("account-locked")
    assert (await shop.up())["ready"] is True, "a lock-out is no refusal: try as soon as asked"


async def test_bmc_reset_to_factory_gets_its_password_again(shop: SiteInProcess) -> None:
    await shop.up()
    shop.fake.accounts.set_password("admin", FACTORY_PASSWORD)
    shop.restart()
    shop.wrote()
    assert (await shop.up())["ready"] is True
    assert shop.wrote() == ["set_password"]
    assert shop.metal.installed == [1]
    shop.restart()
    shop.logins.clear()
    await shop.up()
    assert [login[1:] for login in shop.logins] == [("derived", "ok")]


async def test_key_epoch_rotates_the_password_and_wipes_nothing(shop: SiteInProcess) -> None:
    await shop.up()
    shop.wrote()
    before = refused(shop)
    node = node_plan(key_epoch=2)
    made = await shop.up(node)
    assert shop.wrote() == ["set_password"]
    assert shop.metal.installed == [1]
    assert refused(shop) == before, "the old password was known, no guess was needed"
    assert made["ready"] is False, "its host key is still the one of epoch 1"
    with pytest.raises(Exception, match="not valid"):
        shop.fake.accounts.login("admin", shop.derived(epoch=1))
    shop.fake.accounts.login("admin", shop.derived(epoch=2))


async def test_killed_while_the_password_changes(shop: SiteInProcess) -> None:
    for after in (False, True):
        shop.axe.at, shop.axe.after = "bmc set_password", after
        with pytest.raises(Killed):
            await shop.up()
        shop.restart()
    assert (await shop.up())["ready"] is True
    assert refused(shop) <= 2


async def test_factory_list_without_the_machine(shop: SiteInProcess) -> None:
    node = node_plan(2)
    shop.add(node)
    made = await shop.up(node)
    assert made["ready"] is False
    assert "no factory password for serial WRK0002" in str(made["reason"])


async def test_one_session_for_all_who_ask_at_once(shop: SiteInProcess) -> None:
    shop.make_live()
    async with shop.node._links.link(node_plan()) as one, shop.node._links.link(node_plan()) as two:
        assert one is two
        await asyncio.gather(*(one.login() for _ in range(5)), *(two.call(_uuid) for _ in range(5)))
        assert [login[2] for login in shop.logins].count("ok") == 1
        assert len(shop.fake.sessions.all()) == 1
    assert len(shop.fake.sessions.all()) == 0


def _uuid(bmc) -> str:
    return bmc.facts().system_uuid


async def test_login_that_nobody_waits_for_any_more_leaves_no_session(shop: SiteInProcess) -> None:
    shop.fake.faults.apply("slow", seconds=0.2, path="SessionService")
    work = asyncio.ensure_future(shop.up())
    while not shop.fake.accounts.attempts and not work.done():
        await asyncio.sleep(0.02)
        if shop.axe.seen:
            break
    work.cancel()
    await asyncio.wait({work})
    shop.fake.faults.clear()
    assert len(shop.fake.sessions.all()) == 0


async def test_another_key_epoch_is_no_third_guess(shop: SiteInProcess) -> None:
    shop.fake.accounts.set_password("admin", "somebody-elses-1")
    await shop.up()
    shop.restart()
    made = await shop.up(node_plan(key_epoch=2))
    assert "lock-out window" in str(made["reason"])
    assert refused(shop) == 2
