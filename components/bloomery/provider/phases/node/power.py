"""Switching a machine, with the hold that beats everything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bloomery.errors import Busy, Unsupported
from bloomery.provider.phases.node.work import NodeWork
from bloomery.provider.phases.work import Stuck

GRACE = 600.0
"""Seconds an operating system gets to shut down on metal before power is cut."""

POLL = 5.0
"""Seconds between two reads of a power state on metal."""

FASTEST = 0.2
"""Seconds between two reads where patience is short."""


PAST_POST = ("", "OEM", "OSBootStarted", "OSRunning")
"""Values of BootProgress.LastState that do not say "still in POST" (Redfish ComputerSystem
1.20); empty where a BMC does not tell, so that nobody is judged by what he cannot say."""


def poll(work: NodeWork) -> float:
    """Seconds between two reads of one machine."""
    return max(FASTEST, POLL * work.context.patience)


def respect_hold(work: NodeWork) -> None:
    """Raise Stuck while the site or the machine is held: a hold beats desired power."""
    for name in ("hold", f"hold-{work.node.name}"):
        path = work.context.state.path / name
        if path.exists():
            why = path.read_text(encoding="utf-8").strip() or "no reason given"
            raise Stuck(work.phase, f"on hold: {why}", f"remove {path} when it is safe")


def _never() -> bool:
    return False


async def switch_on(work: NodeWork, been_on: Callable[[], bool] = _never) -> None:
    """On, unless held; once it was on, the button is not pressed again.

    ``been_on`` says of a machine that switches itself off, by other means than its BMC, that
    it was on: a BMC may be silent for longer than that takes, and lose its answer too. It is
    asked once the button was tried: a BMC that loads a medium at once looks the same before.
    """
    respect_hold(work)
    tried = pressed = False

    async def on() -> bool:
        nonlocal tried, pressed
        if (tried and been_on()) or (await work.now()).power == "On":
            return True
        if pressed:
            return False
        tried = True
        await work.link.once(lambda bmc: bmc.power("On"))
        pressed = True
        return await on()

    await work.until(on, poll(work), "waiting for power On", "check the BMC's event log")


async def switch_off(work: NodeWork) -> None:
    """Off: ask the operating system, if there is one yet; cut the power after the grace."""
    now = await work.now()
    if now.power == "Off":
        return

    up = now.boot_progress in PAST_POST or work.alive is not None
    if up and await _shut_down(work):
        return
    await work.ask(lambda bmc: bmc.power("ForceOff"))
    await work.until(_off(work), poll(work), "waiting for power Off", "check the BMC")


async def _shut_down(work: NodeWork) -> bool:
    """Ask the operating system; False when it does not do it within the grace."""
    try:
        async with asyncio.timeout(GRACE * work.context.patience):
            await work.ask(lambda bmc: bmc.power("GracefulShutdown"))
            reason, next_step = (
                "waiting for a clean shutdown",
                "power is cut after the grace period",
            )
            await work.until(_off(work), poll(work), reason, next_step)
    except (TimeoutError, Unsupported, Busy):
        return False
    return True


def _off(work: NodeWork) -> Callable[[], Awaitable[bool]]:
    async def off() -> bool:
        return (await work.now()).power == "Off"

    return off
