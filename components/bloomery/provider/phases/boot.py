"""Boot from disk, and be reachable under the key that was derived for it."""

from __future__ import annotations

import asyncio

from bloomery.errors import IdentityError
from bloomery.provider.phases.install import prove
from bloomery.provider.phases.power import PAST_POST, poll, switch_on
from bloomery.provider.phases.work import Stuck, Work


async def boot(work: Work) -> None:
    """Media out, power on, POST ended."""
    if work.alive and (await work.facts()).power == "On":
        return
    if (await work.facts()).power != "On":
        await work.ask(lambda bmc: bmc.eject_media("Cd"))
        await work.ask(lambda bmc: bmc.eject_media("Seed"))
        if work.seed_url:
            work.context.seeds.withdraw(work.seed_url)
        if (await work.facts()).media:
            raise Stuck("boot", "media are still inserted after eject", "reset the BMC")
        await switch_on(work)
    next_step = f"look at the console of {work.node.name}, power-cycle it, then pulumi up"

    async def post_ended() -> bool:
        progress = (await work.facts()).boot_progress
        work.reason = f"POST has not ended (BootProgress {progress or 'unknown'})"
        return progress in PAST_POST

    await work.until(post_ended, poll(work), "POST has not ended", next_step)


async def reachable(work: Work) -> None:
    """Answer ssh with the derived host key, as the right node and generation."""
    next_step = f"bloomery lab console, or the BMC's console of {work.node.name}; then pulumi up"

    async def answers() -> bool:
        work.alive = await work.probe()
        return work.alive.booted

    work.reason, work.next_step = "no answer on ssh yet", next_step
    await work.until(answers, poll(work), "waiting for ssh", next_step)
    await asyncio.sleep(0)
    said = work.alive
    if said is None or (said.node, said.site) != (work.node.name, work.setting.site):
        raise IdentityError(
            f"the host says it is {said.node if said else 'nobody'}", subject=work.node.name
        )
    if said.generation < work.node.install_generation:
        raise Stuck(
            "reachable",
            f"generation {said.generation} answers where {work.node.install_generation} is wanted",
            "pulumi up",
        )
    if work.unproven:
        await prove(work)
