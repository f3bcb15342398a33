"""Credentials, firmware and BIOS: what must hold before an operating system is laid down."""

from __future__ import annotations

from bloomery.errors import Unsupported
from bloomery.provider.phases.node.install import stage
from bloomery.provider.phases.node.power import switch_off
from bloomery.provider.phases.node.work import NodeWork

GOOD_READS = 3
"""Good answers in a row before a restarted BMC counts as back (as Ironic does it)."""

READ_EVERY = 30.0
"""Seconds between them on metal."""


async def credentials(work: NodeWork) -> None:
    """Give the BMC its derived password; journalled before, proven after."""
    wanted = work.node.key_epoch
    if work.link.epoch != wanted:
        work.journal.write("credentials", "intent", epoch=wanted)
        await work.link.change_password(wanted)
    if work.journal.number("credentials", "verified", "epoch") != wanted:
        work.journal.write("credentials", "verified", epoch=wanted)


async def firmware(work: NodeWork) -> None:
    """Read and journal the versions; a site names no wanted versions yet."""
    facts = await work.facts()
    work.journal.write("firmware", "verified", bmc=facts.bmc_version, bios=facts.bios_version)


async def bios(work: NodeWork) -> None:
    """Stage what differs; it holds after the power cycle that follows."""
    wanted = work.node.bios
    facts = await work.facts("bios") if wanted else await work.facts()
    if await stage(work) == "under way":
        return  # an installation is not cut short for it; the end of the way looks again
    wrong = {key: value for key, value in wanted.items() if facts.bios.get(key) != value}
    if not wrong:
        return
    staged = all(facts.bios_pending.get(key) == value for key, value in wrong.items())
    if not staged:
        try:
            await work.ask(lambda bmc: bmc.set_bios(wrong))
        except Unsupported as error:
            await _after_bmc_reset(work, wrong, error)
    if (await work.now()).power != "Off":
        await work.context.log.info(
            work.urn, f"{work.node.name} bios: {', '.join(wrong)} differ; the machine restarts"
        )
        await switch_off(work)


async def _after_bmc_reset(work: NodeWork, wrong: dict[str, str], error: Unsupported) -> None:
    """Some BMCs list a key only after their own restart: restart it once, then insist."""
    keys = ",".join(sorted(wrong))
    before = work.journal.last("bios", "verified")
    if before is not None and before.data == {"keys": keys, "listed": 0}:
        raise error  # it was restarted for these very keys, and does not know them
    work.journal.write("bios", "intent", reason=error.reason)
    await work.waiting(error.reason, "restarting the BMC")
    await work.ask(lambda bmc: bmc.reset_bmc())
    await _steady(work)
    try:
        await work.ask(lambda bmc: bmc.set_bios(wrong))
    except Unsupported:
        work.journal.write("bios", "verified", keys=keys, listed=0)
        raise
    work.journal.write("bios", "verified", keys=keys, listed=1)


async def _steady(work: NodeWork) -> None:
    """Wait until the BMC answered several times in a row."""
    good = 0

    async def steady() -> bool:
        nonlocal good
        seen, good = good, 0
        await work.link.once(lambda bmc: bmc.facts())
        good = seen + 1
        return good >= GOOD_READS

    every = READ_EVERY * work.context.patience
    await work.until(steady, every, "waiting for the BMC to restart", "check the BMC's network")
