"""Boot from disk, and be reachable under the key that was derived for it."""

from __future__ import annotations

from bloomery.drivers.ssh.protocol import HostFacts
from bloomery.errors import CredentialRefused, IdentityError, NotTrusted, Unreachable
from bloomery.provider.phases.node.install import prove
from bloomery.provider.phases.node.layout import see_layout
from bloomery.provider.phases.node.marker import take_key_back
from bloomery.provider.phases.node.medium import withdraw
from bloomery.provider.phases.node.power import PAST_POST, poll, switch_on
from bloomery.provider.phases.node.work import NodeWork
from bloomery.provider.phases.work import Stuck


async def boot(work: NodeWork) -> None:
    """Media out, power on, POST ended."""
    power = (await work.now()).power
    if work.alive and power == "On":
        return
    if power != "On":
        await work.ask(lambda bmc: bmc.eject_media("Cd"))
        withdraw(work)
        facts = await work.facts("power")
        if "Seed" in facts.media:
            await work.ask(lambda bmc: bmc.eject_media("Seed"))
            facts = await work.facts("power")
        if facts.media:
            raise Stuck("boot", "media are still inserted after eject", "reset the BMC")
        if facts.boot_always:  # asked for one boot, kept for all
            await work.ask(lambda bmc: bmc.clear_boot())
        await take_key_back(work)
        await switch_on(work)
    next_step = f"check the console of {work.node.name}, power-cycle it, then pulumi up"

    async def post_ended() -> bool:
        progress = (await work.now()).boot_progress
        work.reason = f"POST has not ended (BootProgress {progress or 'unknown'})"
        # Some stay in hardware initialisation for ever: a system that answers is past it.
        return progress in PAST_POST or await _answers(work)

    await work.until(post_ended, poll(work), "POST has not ended", next_step)


async def _answers(work: NodeWork) -> bool:
    try:
        await work.probe()
    except (Unreachable, CredentialRefused, NotTrusted):
        return False
    return True


async def reachable(work: NodeWork) -> None:
    """Answer ssh with the derived host key, as the right node and generation."""
    next_step = f"bloomery lab console, or the BMC's console of {work.node.name}; then pulumi up"

    async def answers() -> bool:
        try:
            said = await work.probe()
        except CredentialRefused as error:
            # A system that is still starting (pam_nologin) refuses everybody.
            raise Unreachable(error.reason) from None
        if not said.booted:
            raise Unreachable("logged in, but the system is still starting")
        work.alive = said
        return True

    work.reason, work.next_step = "no answer on ssh yet", next_step
    await work.until(answers, poll(work), "waiting for ssh", next_step)
    if work.alive is None:
        raise Unreachable("no answer on ssh")
    await _accept(work, work.alive)


async def _accept(work: NodeWork, said: HostFacts) -> None:
    """The right host of the right generation: mark it as proven, see that BIOS and disk hold."""
    node = work.node
    if (said.node, said.site) != (node.name, work.setting.site):
        raise IdentityError(
            f"the host says it is {said.node} of site {said.site}",
            subject=node.name,
            next_step="restore its host name, or raise its install generation to reinstall it",
        )
    if said.generation < node.install_generation:
        reason = f"generation {said.generation} found, {node.install_generation} required"
        raise Stuck("reachable", reason, "pulumi up", mute=True)
    await prove(work, said.generation)
    shown = (await work.facts()).bios
    wrong = [key for key, value in node.bios.items() if shown.get(key) != value]
    if wrong:
        reason = f"BIOS {', '.join(wrong)} did not persist over the restart"
        raise Stuck("bios", reason, "check the BMC's log, then pulumi up")
    see_layout(node, said)
