"""The phases of a node in their order, and the one case in which some are repeated."""

from __future__ import annotations

from collections.abc import Sequence

from bloomery.provider.phases.node.boot import boot, reachable
from bloomery.provider.phases.node.identify import identify
from bloomery.provider.phases.node.install import install, media
from bloomery.provider.phases.node.limits import LIMITS
from bloomery.provider.phases.node.prepare import bios, credentials, firmware
from bloomery.provider.phases.node.work import NodeWork
from bloomery.provider.phases.runner import Phase, run_phases
from bloomery.provider.phases.work import Stuck

ACTS = (identify, credentials, firmware, bios, media, install, boot, reachable)
"""In the order they run; a phase is called as its function is."""

PHASES = tuple(act.__name__ for act in ACTS)
"""Names of the phases."""

LAST = PHASES[-1]
"""Phase a node is in when all went well."""

AGAIN = ("media", "install", "boot", "reachable")
"""Phases repeated once when a system was begun, its end not seen, and none of it answers."""


async def bring_up(work: NodeWork) -> None:
    """Run all phases. Raises Stuck, or a hard error."""
    try:
        await run_phases(work, _phases(PHASES))
    except Stuck as stuck:
        maybe_cut_short = work.unproven and not work.watched and stuck.mute
        if not (maybe_cut_short and work.phase in ("boot", "reachable")):
            raise
        await _install_again(work)


async def _install_again(work: NodeWork) -> None:
    """The begun installation never finished: no system of it ever ran, so lay it down anew."""
    work.journal.write("install", "stuck", reason="a started installation did not finish")
    await work.context.log.info(work.urn, f"{work.subject}: unfinished installation, repeated")
    work.unproven, work.reading, work.alive = False, False, None
    await run_phases(work, _phases(AGAIN))


def _phases(names: Sequence[str]) -> list[Phase[NodeWork]]:
    return [Phase(act.__name__, act, LIMITS[act.__name__]) for act in ACTS if act.__name__ in names]
