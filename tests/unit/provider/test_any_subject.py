"""The phase runner on a subject that is no machine: a switch, with two phases of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from site_in_process import URN, SiteInProcess

from bloomery.errors import IdentityError, Unreachable
from bloomery.provider.lock import subject_lock
from bloomery.provider.phases.runner import Phase, run_phases
from bloomery.provider.phases.standing import Standing, softly, stuck_in
from bloomery.provider.phases.work import Stuck, Work


@dataclass(kw_only=True)
class SwitchWork(Work):
    """What the phases of a switch share."""

    applied: list[str] = field(default_factory=list)
    wrong: BaseException | None = None

    @property
    def trouble(self) -> str:
        return "its session was closed"


async def identify(work: SwitchWork) -> None:
    work.applied.append("identify")


async def configure(work: SwitchWork) -> None:
    if work.wrong:
        raise work.wrong
    work.applied.append("configure")


async def configure_in_vain(work: SwitchWork) -> None:
    async def never() -> bool:
        raise Unreachable("no answer")

    await work.until(never, 0.001, "waiting for its session", "look at its console")


def phases(act=configure, limit: float = 1000.0) -> list[Phase[SwitchWork]]:
    return [Phase("identify", identify, limit), Phase("configure", act, limit)]


def work(shop: SiteInProcess, **changes) -> SwitchWork:
    return SwitchWork(context=shop.context, urn=URN, subject="leaf-01", **changes)


def journal(shop: SiteInProcess) -> list[tuple[str, str]]:
    return [(entry.phase, entry.event) for entry in shop.context.journal("leaf-01").entries()]


async def test_phases_run_in_order_and_are_journalled_under_its_name(shop: SiteInProcess) -> None:
    switch = work(shop)
    standing = await softly(run_phases(switch, phases()), "configure")
    assert switch.applied == ["identify", "configure"]
    assert standing == Standing("configure") and standing.ready
    assert journal(shop) == [
        ("identify", "begin"),
        ("identify", "done"),
        ("configure", "begin"),
        ("configure", "done"),
    ]
    assert {entry.subject for entry in shop.context.journal("leaf-01").entries()} == {"leaf-01"}


async def test_what_stops_a_phase_is_how_it_stands(shop: SiteInProcess) -> None:
    switch = work(shop, wrong=Stuck("configure", "commit refused", "look at its log"))
    standing = await softly(run_phases(switch, phases()), "configure")
    assert standing == Standing("configure", "commit refused", "look at its log")
    said = standing.outputs()
    assert (said["ready"], said["reason"]) == (False, "commit refused")
    assert stuck_in(str(said["standing"])) == (
        "stuck in configure: commit refused; next: look at its log"
    )
    assert journal(shop)[-1] == ("configure", "stuck")
    assert shop.log.of("warn") == [
        "leaf-01 is stuck in configure: commit refused; next: look at its log"
    ]


async def test_a_phase_has_a_limit_and_says_what_it_waited_for(shop: SiteInProcess) -> None:
    standing = await softly(run_phases(work(shop), phases(configure_in_vain, 30.0)), "configure")
    assert standing.reason == (
        "waiting for its session; no answer for 0 s (its session was closed)"
    )
    assert standing.next_step == "look at its console"


async def test_a_hard_error_fails_it(shop: SiteInProcess) -> None:
    with pytest.raises(IdentityError):
        await softly(run_phases(work(shop, wrong=IdentityError("another")), phases()), "configure")


async def test_its_lock_is_its_own(shop: SiteInProcess) -> None:
    locks = shop.context.state.locks
    async with asyncio.timeout(5), subject_lock(locks, "leaf-01"), subject_lock(locks, "n01"):
        assert sorted(path.name for path in locks.iterdir()) == ["leaf-01.lock", "n01.lock"]


def test_a_standing_that_still_holds_is_kept() -> None:
    """Looking at a thing is no change; another end, or another reason, is one."""
    before = "2026-11-30T09:00:00Z ready"
    assert Standing("boot").outputs(before)["standing"] == before
    stuck = Standing("boot", "no answer", "look").outputs(before)["standing"]
    assert str(stuck).endswith("Z stuck in boot: no answer; next: look")
    assert Standing("boot").outputs(stuck)["standing"] != stuck
    assert Standing("boot").outputs(None)["standing"] != before


@pytest.mark.parametrize("said", ["", "2026-11-30T09:00:00Z", "ready"])
def test_a_standing_that_says_nothing_is_no_ready_one(said: str) -> None:
    assert stuck_in(said)
