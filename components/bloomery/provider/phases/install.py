"""Media and install: the destructive part.

It happens only when the wanted install generation exceeds the one found, after
identity was proven, and after the intent is on disk and on the machine.
"""

from __future__ import annotations

import asyncio

from bloomery.provider.phases.limits import LIMITS
from bloomery.provider.phases.power import PAST_POST, poll, switch_off, switch_on
from bloomery.provider.phases.work import Stuck, Work
from bloomery.provider.seed import seed_files, seed_image


def needed(work: Work) -> bool:
    """Whether this machine is to be installed now."""
    return work.found < work.node.install_generation


async def _under_way(work: Work) -> bool:
    """An installation somebody began is still running: await it, never restart it.

    One that is still in POST has not begun, and never will: the seed it would fetch went
    with the provider that offered it.
    """
    facts = await work.facts()
    booted_cd = facts.power == "On" and "Cd" in facts.media and not facts.boot_once
    return work.unproven and booted_cd and facts.boot_progress in PAST_POST


async def _maybe_there(work: Work) -> bool:
    """An installation was begun and its boot consumed: see whether it starts from disk."""
    facts = await work.facts()
    in_post = facts.power == "On" and facts.boot_progress not in PAST_POST
    waiting = bool(facts.boot_once) or (in_post and "Cd" in facts.media)
    return work.unproven and not waiting and not await _under_way(work)


async def media(work: Work) -> None:
    """Insert the installation medium and the seed, and set the next boot to it."""
    if not needed(work) or await _under_way(work) or await _maybe_there(work):
        return
    await switch_off(work)
    image = seed_image(seed_files(work.context.secret, work.setting.site, work.node))
    reader = work.node.bmc.address.rsplit(":", 1)[0]
    url = await work.context.seeds.offer(work.setting.controller_oob, reader, image)
    work.seed_url = url
    await work.ask(lambda bmc: bmc.eject_media("Cd"))
    await work.ask(lambda bmc: bmc.eject_media("Seed"))
    await work.ask(lambda bmc: bmc.insert_media("Cd", work.node.image))
    await work.ask(lambda bmc: bmc.insert_media("Seed", url))
    await work.ask(lambda bmc: bmc.boot_once("Cd"))
    facts = await work.facts()
    if facts.media.get("Cd") != work.node.image or facts.media.get("Seed") != url:
        raise Stuck("media", "the BMC accepted the media but does not show them", "reset the BMC")
    if facts.boot_once != "Cd":
        raise Stuck("media", "the BMC does not show the one-time boot", "reset the BMC")


async def install(work: Work) -> None:
    """Let the machine install itself, and wait until it switches itself off."""
    if not needed(work) or await _maybe_there(work):
        return
    generation = work.node.install_generation
    async with work.context.budgets.installs:
        if not await _under_way(work):
            work.journal.write("install", "intent", generation=generation)
            await work.ask(lambda bmc: bmc.set_asset_tag(work.tag("-installing")))
            await switch_on(work)
        await _await_end(work)
    await prove(work)


async def _await_end(work: Work) -> None:
    loop = asyncio.get_running_loop()
    post_ends = loop.time() + LIMITS["boot"] * work.context.patience

    async def ended() -> bool:
        facts = await work.facts()
        if facts.power == "Off":
            return True
        if facts.boot_progress not in PAST_POST and loop.time() > post_ends:
            raise Stuck(
                "install",
                f"POST has not ended (BootProgress {facts.boot_progress})",
                f"look at the console of {work.node.name}, power-cycle it, then pulumi up",
            )
        return False

    await work.until(ended, poll(work), "installing", "the machine switches itself off at the end")


async def prove(work: Work) -> None:
    """Mark the generation as installed, on the machine and in the journal."""
    await work.ask(lambda bmc: bmc.set_asset_tag(work.tag()))
    work.journal.write("install", "verified", generation=work.node.install_generation)
    work.found, work.unproven = work.node.install_generation, False
