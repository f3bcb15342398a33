"""Media and install: the destructive part.

It happens only when the wanted install generation exceeds the one found, after
identity was proven, and after the intent is on disk and on the machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Literal

from bloomery.drivers.redfish.images import shows
from bloomery.drivers.redfish.protocol import Bmc, MediaSlot, MediaTrust
from bloomery.errors import Unsupported
from bloomery.provider.phases.node.evidence import respect_evidence
from bloomery.provider.phases.node.limits import LIMITS
from bloomery.provider.phases.node.marker import mark_begun
from bloomery.provider.phases.node.medium import (
    INTENT,
    SEALED,
    offer,
    seed_was_read,
    seed_was_read_since_start,
    was_begun,
)
from bloomery.provider.phases.node.power import PAST_POST, poll, respect_hold, switch_off, switch_on
from bloomery.provider.phases.node.work import NodeWork
from bloomery.provider.phases.work import Stuck

MEDIA_NEEDS = ("power", "media", "boot_once")
"""Facts without which no medium can be inserted and started from."""

SLOTS: tuple[MediaSlot, ...] = ("Cd", "Seed")
"""Whatever may be inserted."""

NO_TLS = (
    "if this BMC reads media without TLS only: media_transport: http of its pool, see docs/media.md"
)
"""What may help where a BMC does not take the URL of a medium."""

Stage = Literal["not begun", "under way", "ended"]


def needed(work: NodeWork) -> bool:
    """Whether this machine is to be installed now."""
    return work.found < work.node.install_generation


async def stage(work: NodeWork) -> Stage:
    """How far an installation got that was begun before, by another provider perhaps.

    Without all of its seed none is ever complete; with it, it may be: it is awaited, and
    looked for on the disk.
    """
    if not work.unproven:
        return "not begun"
    facts = await work.facts()
    if facts.boot_once:
        return "not begun"
    booted_cd = facts.power == "On" and "Cd" in facts.media
    if booted_cd and facts.boot_progress not in PAST_POST and not work.reading:
        return "not begun"
    stopped = facts.power == "Off" or (booted_cd and not work.reading)
    if stopped and was_begun(work) and not seed_was_read(work):
        return "not begun"
    return "under way" if booted_cd else "ended"


async def media(work: NodeWork) -> None:
    """Insert the installation medium and the seed, and set the next boot to it."""
    if not needed(work) or await stage(work) != "not begun":
        return
    respect_evidence(work)
    sealed = work.node.bmc.media_transport in SEALED
    before = await work.facts(*MEDIA_NEEDS, *(["asset_tag"] if sealed else []))
    await switch_off(work)
    wanted = await offer(work)
    for slot in SLOTS:
        if slot in before.media:
            await work.ask(partial(_eject, slot))
    await _let_it_verify(work, wanted)
    for slot, url in wanted.items():
        try:
            await work.ask(partial(_insert, slot, url))
        except Unsupported as error:
            raise Unsupported(
                error.reason, subject=error.subject, next_step=error.next_step or NO_TLS
            ) from error
    await work.ask(lambda bmc: bmc.boot_once("Cd"))
    facts = await work.facts(*MEDIA_NEEDS)
    if not all(slot in facts.media and shows(facts.media[slot], wanted[slot]) for slot in wanted):
        raise Stuck("media", "the BMC accepted the media but does not show them", "reset the BMC")
    if "Cd" not in (facts.boot_once, facts.boot_always):
        raise Stuck("media", "the BMC does not show the one-time boot", "reset the BMC")


async def _let_it_verify(work: NodeWork, wanted: Mapping[MediaSlot, str]) -> None:
    """Give the BMC the site CA for what it reads from the controller; the journal says what of it.

    The web server of installation media may be of another CA: its slot is left as it is.
    """
    if work.seal_key:
        work.observe("media trust", "not verified: read without TLS, the seed is sealed")
        return
    ca = work.context.state.ca.read_text(encoding="ascii")
    for slot, url in wanted.items():
        if url == work.medium_url:
            trust = await work.ask(partial(_believe, slot, ca))
            work.observe("media trust", str(trust))


def _believe(slot: MediaSlot, ca: str, bmc: Bmc) -> MediaTrust:
    return bmc.believe_ca(slot, ca)


def _insert(slot: MediaSlot, url: str, bmc: Bmc) -> None:
    bmc.insert_media(slot, url)


def _eject(slot: MediaSlot, bmc: Bmc) -> None:
    bmc.eject_media(slot)


async def install(work: NodeWork) -> None:
    """Let the machine install itself, and wait until it switches itself off.

    That it did is no proof: it may have lost power. The tag says ``-installing`` until
    the new system has answered.
    """
    if not needed(work) or await stage(work) == "ended":
        return
    respect_hold(work)
    generation = work.node.install_generation
    async with work.place(work.context.installs):
        if await stage(work) == "not begun":
            respect_evidence(work)
            work.journal.write(*INTENT, generation=generation)
            work.unproven = True
            await mark_begun(work)
            await switch_on(work, been_on=lambda: seed_was_read_since_start(work))
        await _await_end(work)
    work.watched = True


async def _await_end(work: NodeWork) -> None:
    loop = asyncio.get_running_loop()
    post_ends = loop.time() + LIMITS["boot"] * work.context.patience

    async def ended() -> bool:
        now = await work.now()
        if now.power == "Off":
            return True
        # Some stay in hardware initialisation for ever: who read its seed is past it.
        in_post = now.boot_progress not in PAST_POST and not seed_was_read_since_start(work)
        if in_post and loop.time() > post_ends:
            raise Stuck(
                "install",
                f"POST has not ended (BootProgress {now.boot_progress})",
                f"check the console of {work.node.name}, power-cycle it, then pulumi up",
            )
        return False

    next_step = f"check the console of {work.node.name}; if it halted, power it off, then pulumi up"
    await work.until(ended, poll(work), "installing", next_step)


async def prove(work: NodeWork, generation: int) -> None:
    """Mark the generation that answered as installed, on the machine and in the journal."""
    tag = work.tag(generation)
    if (await work.now()).asset_tag != tag:
        await work.mark(tag)
    if work.journal.number("install", "verified", "generation") != generation:
        work.journal.write("install", "verified", generation=generation)
    work.found, work.unproven = generation, False
