"""BMCs that lack a fact, keep a boot override, or want another password first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from site_in_process import FACTORY_PASSWORD, SITE, SiteInProcess, Watched, node_plan

from bloomery.drivers.redfish.fake import Refusal
from bloomery.drivers.redfish.protocol import Lack, SystemFacts, SystemNow
from bloomery.errors import DeviceError, IdentityError
from bloomery.provider.phases.node.limits import LIMITS

Change = Callable[[SystemFacts], SystemFacts]


def told(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Have every BMC tell its facts with a change."""
    facts = Watched.facts
    monkeypatch.setattr(Watched, "facts", lambda self: change(facts(self)))
    monkeypatch.setattr(Watched, "now", lambda self: of_facts(change(facts(self))))


def of_facts(seen: SystemFacts) -> SystemNow:
    """What the system alone says where a BMC tells these facts."""
    tag = None if seen.quality("asset_tag") == "absent" else seen.asset_tag
    return SystemNow(seen.power, seen.boot_progress, tag)


def without(name: str, value: object, quality: str = "absent") -> Change:
    """Facts without one of them."""
    lack = Lack(quality, f"the BMC tells no {name}")  # type: ignore[arg-type]
    return lambda seen: replace(seen, **{name: value, "lacks": {**seen.lacks, name: lack}})


def observed(shop: SiteInProcess, what: str) -> list[str]:
    entries = shop.context.journal("n01").entries()
    return [str(one.data["said"]) for one in entries if one.data.get("observed") == what]


async def test_factory_password_is_changed_before_anything_is_read(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.fake.accounts.expire("admin")
    order: list[str] = []
    told(monkeypatch, lambda seen: (order.append(f"read {len(shop.writes)}"), seen)[1])
    assert (await shop.up())["ready"] is True
    assert order[0] == "read 1", "facts were read before the password was changed"
    assert shop.wrote()[:2] == ["set_password", "set_bios WorkloadProfile"]
    assert [login[1:] for login in shop.logins] == [("factory", "ok"), ("derived", "ok")]


async def test_password_of_another_machine_is_put_back(shop: SiteInProcess) -> None:
    shop.fake.accounts.expire("admin")
    shop.fake.identity = replace(shop.fake.identity, uuid="99999999-8888-4777-8666-555555555555")
    with pytest.raises(IdentityError, match="is the former one again") as caught:
        await shop.up()
    assert "system UUID is 99999999" in str(caught.value)
    assert "nothing was changed" not in str(caught.value)
    assert shop.wrote() == ["set_password", "set_password"]
    shop.fake.accounts.login("admin", FACTORY_PASSWORD)


async def test_password_that_cannot_be_put_back_is_named(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.fake.accounts.expire("admin")
    shop.fake.identity = replace(shop.fake.identity, serial="OTHER")
    change, asked = shop.fake.accounts.set_password, []

    def once(name: str, password: str) -> None:
        asked.append(name)
        if len(asked) > 1:
            raise Refusal(400, "PropertyValueNotInList", "The password was used before.")
        change(name, password)

    monkeypatch.setattr(shop.fake.accounts, "set_password", once)
    with pytest.raises(IdentityError, match=r"used before.*it is that of key epoch 1"):
        await shop.up()


async def test_expired_password_of_the_wanted_epoch_says_what_to_do(shop: SiteInProcess) -> None:
    shop.make_live()
    await shop.up()
    shop.fake.accounts.expire("admin")
    shop.restart()
    made = await shop.up()
    assert (made["phase"], made["ready"]) == ("identify", False)
    assert "raise key_epoch" in str(made["nextStep"])


async def test_how_identity_and_personality_were_found_is_in_the_journal_once(
    shop: SiteInProcess,
) -> None:
    await shop.up()
    await shop.up()
    assert observed(shop, "identity") == [
        "BMC MAC is one of 1 ports; chassis serial is that of the chassis; system UUID is the same"
    ]
    assert len(observed(shop, "personality")) == 1
    assert observed(shop, "personality")[0].startswith("fake (no BMC behind it)")


@pytest.mark.parametrize(
    ("name", "value"), [("system_uuid", ""), ("bmc_macs", ()), ("serials", {})]
)
async def test_two_identities_are_enough(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    told(monkeypatch, without(name, value))
    assert (await shop.up())["ready"] is True


async def test_one_identity_is_not(shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, without("bmc_macs", ()))
    told(monkeypatch, without("serials", {}))
    made = await shop.up()
    assert (made["phase"], made["ready"]) == ("identify", False)
    assert "identity needs the UUID or the serial and one more" in str(made["reason"])
    assert shop.wrote() == []


async def test_identity_that_cannot_be_read_yet_is_waited_for(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[bool] = []
    starting = without("serials", {}, "unreadable")

    def late(seen: SystemFacts) -> SystemFacts:
        reads.append(len(reads) < 3)
        return starting(seen) if reads[-1] else seen

    told(monkeypatch, late)
    told(monkeypatch, without("system_uuid", ""))
    assert (await shop.up())["ready"] is True
    assert reads.count(True) == 3


async def test_identity_that_differs_is_not_waited_for(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.fake.identity = replace(shop.fake.identity, uuid="99999999-8888-4777-8666-555555555555")
    told(monkeypatch, without("serials", {}, "unreadable"))
    with pytest.raises(IdentityError, match=r"system UUID is 99999999.*; nothing was changed"):
        await shop.up()
    assert shop.reads == 1


async def test_identity_that_is_never_read_is_not_needed_where_the_rest_proves_it(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(monkeypatch, without("bmc_macs", (), "unreadable"))
    assert (await shop.up())["ready"] is True
    assert "BMC MAC not compared (the BMC tells no bmc_macs)" in observed(shop, "identity")[0]


@pytest.mark.parametrize(
    ("name", "value", "phase"),
    [
        ("power", "Unknown", "identify"),
        ("bios", {}, "bios"),
        ("media", {}, "media"),
        ("boot_once", "", "media"),
    ],
)
async def test_absent_fact_stops_the_phase_that_needs_it(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch, name: str, value: object, phase: str
) -> None:
    told(monkeypatch, without(name, value))
    made = await shop.up()
    assert (made["phase"], made["ready"]) == (phase, False)
    assert f"the BMC tells no {name}, which {phase} needs" in str(made["reason"])


@pytest.mark.parametrize(("name", "value"), [("media", {}), ("boot_once", ""), ("asset_tag", "")])
async def test_absent_fact_stops_no_phase_that_does_not(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    shop.make_live()
    told(monkeypatch, without(name, value))
    assert (await shop.up())["ready"] is True


async def test_unreadable_fact_is_waited_for_within_the_limit(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "bios", 500.0)
    told(monkeypatch, without("bios", {}, "unreadable"))
    made = await shop.up()
    assert made["phase"] == "bios" and "the BMC tells no bios" in str(made["reason"])


async def test_machine_without_an_asset_tag_is_installed_once(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(monkeypatch, without("asset_tag", ""))
    assert (await shop.up())["ready"] is True
    assert not [one for one in shop.wrote() if one.startswith("tag")]
    shop.restart()
    assert (await shop.up())["ready"] is True
    assert shop.metal.installed == [1]


async def test_asset_tag_that_does_not_hold_stops_nothing(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_self: Watched, tag: str) -> None:
        raise DeviceError(f"the asset tag was accepted, but reads '' and not {tag}")

    monkeypatch.setattr(Watched, "set_asset_tag", lost)
    assert (await shop.up())["ready"] is True
    journal = shop.context.journal("n01")
    assert journal.last("marker", "stuck") is not None
    shop.metal.on = False
    shop.restart()
    assert (await shop.up())["ready"] is True
    assert shop.metal.installed == [1], "what the journal knew was lost with the tag"


@pytest.mark.parametrize("tag", ["Free form asset tag", "    ", "$PRODUCT_ASSET_TAG", "0000000000"])
async def test_asset_tag_that_nobody_wrote_is_no_foreign_one(shop: SiteInProcess, tag: str) -> None:
    shop.fake.power.set_asset_tag(tag)
    assert (await shop.up())["ready"] is True
    assert shop.fake.state.asset_tag == f"bloomery/{SITE}/g1"


async def test_override_that_stays_is_taken_back_before_the_disk_boots(shop: SiteInProcess) -> None:
    keep = shop.fake.power.set_override
    shop.fake.power.set_override = lambda target, enabled: keep(  # type: ignore[method-assign]
        target, "Continuous" if enabled == "Once" else enabled
    )
    assert (await shop.up())["ready"] is True
    wrote = shop.wrote()
    assert wrote.index("clear_boot") < len(wrote) - 1 - wrote[::-1].index("power On")
    assert shop.metal.boots == ["Cd", "Hdd"]


async def test_progress_that_never_leaves_post_does_not_hide_a_system_that_answers(
    shop: SiteInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays = "SystemHardwareInitializationComplete"
    told(monkeypatch, lambda seen: replace(seen, boot_progress=stays))
    assert (await shop.up(node_plan()))["ready"] is True
    assert shop.metal.installed == [1]
