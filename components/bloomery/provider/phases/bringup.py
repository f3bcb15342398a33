"""The phases in order, each under its limit, each with one reason when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bloomery.errors import BloomeryError, Held, IdentityError, NotReadyError, NotTrusted
from bloomery.provider.phases.boot import boot, reachable
from bloomery.provider.phases.identify import identify
from bloomery.provider.phases.install import install, media
from bloomery.provider.phases.limits import LIMITS
from bloomery.provider.phases.prepare import bios, credentials, firmware
from bloomery.provider.phases.work import Stuck, Work

Phase = Callable[[Work], Awaitable[None]]

PHASES: tuple[tuple[str, Phase], ...] = (
    ("identify", identify),
    ("credentials", credentials),
    ("firmware", firmware),
    ("bios", bios),
    ("media", media),
    ("install", install),
    ("boot", boot),
    ("reachable", reachable),
)
"""Name and function, in the order they run."""

HARD = (IdentityError, Held, NotReadyError)
"""Errors that fail the resource; everything else leaves the node stuck with a reason."""

AGAIN = ("media", "install", "boot", "reachable")
"""Phases repeated once when a system was begun, its end not seen, and none of it answers."""


async def bring_up(work: Work) -> None:
    """Run all phases. Raises Stuck, or a hard error."""
    try:
        for name, phase in PHASES:
            await _run(work, name, phase)
    except Stuck as stuck:
        maybe_cut_short = work.unproven and not work.watched and stuck.mute
        if not (maybe_cut_short and work.phase in ("boot", "reachable")):
            raise
        await _install_again(work)


async def _install_again(work: Work) -> None:
    """The begun installation never finished: no system of it ever ran, so lay it down anew."""
    work.journal.write("install", "stuck", reason="begun installation was never finished")
    await work.context.log.info(work.urn, f"{work.node.name}: unfinished installation, once more")
    work.unproven, work.alive = False, None
    for name, phase in PHASES:
        if name in AGAIN:
            await _run(work, name, phase)


async def _run(work: Work, name: str, phase: Phase) -> None:
    work.phase, work.reason, work.next_step = name, "", ""
    work.journal.write(name, "begin")
    await work.context.log.status(work.urn, f"{work.node.name}: {name}")
    try:
        async with asyncio.timeout(LIMITS[name] * work.context.patience) as work.clock:
            await phase(work)
    except HARD:
        raise
    except TimeoutError:
        limit = LIMITS[name] * work.context.patience
        trouble = f" ({work.link.trouble})" if work.link.trouble else ""
        reason = f"{work.reason or name} for {limit:.0f} s{trouble}"
        await _stop(work, reason, work.next_step, mute=True)
    except BloomeryError as error:
        mute = error.mute if isinstance(error, Stuck) else isinstance(error, NotTrusted)
        await _stop(work, error.reason, error.next_step, mute=mute)
    else:
        work.journal.write(name, "done")


async def _stop(work: Work, reason: str, next_step: str, *, mute: bool) -> None:
    next_step = next_step or "pulumi up"
    work.journal.write(work.phase, "stuck", reason=reason, next_step=next_step)
    line = f"{work.node.name} is stuck in {work.phase}: {reason}; next: {next_step}"
    await work.context.log.warn(work.urn, line)
    raise Stuck(work.phase, reason, next_step, mute=mute)
