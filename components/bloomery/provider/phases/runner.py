"""Phases in order, each under its limit, each with one reason when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bloomery.errors import BloomeryError, Held, IdentityError, NotReadyError, NotTrusted
from bloomery.provider.phases.work import Stuck, Work

W = TypeVar("W", bound=Work)

HARD = (IdentityError, Held, NotReadyError)
"""Errors that fail the resource; everything else leaves the subject stuck with a reason."""


@dataclass(frozen=True)
class Phase(Generic[W]):
    """One step on the way of a subject."""

    name: str
    act: Callable[[W], Awaitable[None]]
    """Reads, compares, acts, verifies; may be entered again after a kill."""
    limit: float
    """Seconds it may take on metal; the site's patience scales it."""


async def run_phases(work: W, phases: Sequence[Phase[W]]) -> None:
    """Run all phases in order. Raises Stuck, or a hard error."""
    for phase in phases:
        await _run(work, phase)


async def _run(work: W, phase: Phase[W]) -> None:
    work.phase, work.reason, work.next_step = phase.name, "", ""
    work.journal.write(phase.name, "begin")
    await work.context.log.status(work.urn, f"{work.subject}: {phase.name}")
    limit = phase.limit * work.context.patience
    try:
        async with asyncio.timeout(limit) as work.clock:
            await phase.act(work)
    except HARD:
        raise
    except TimeoutError:
        trouble = f" ({work.trouble})" if work.trouble else ""
        reason = f"{work.reason or phase.name} for {limit:.0f} s{trouble}"
        await _stop(work, reason, work.next_step, mute=True)
    except BloomeryError as error:
        mute = error.mute if isinstance(error, Stuck) else isinstance(error, NotTrusted)
        await _stop(work, error.reason, error.next_step, mute=mute)
    else:
        work.journal.write(phase.name, "done")


async def _stop(work: Work, reason: str, next_step: str, *, mute: bool) -> None:
    next_step = next_step or "pulumi up"
    work.journal.write(work.phase, "stuck", reason=reason, next_step=next_step)
    line = f"{work.subject} is stuck in {work.phase}: {reason}; next: {next_step}"
    await work.context.log.warn(work.urn, line)
    raise Stuck(work.phase, reason, next_step, mute=mute)
