"""Who is this machine, and what is on it? Nothing is changed here but a password that must be."""

from __future__ import annotations

from bloomery.drivers.redfish import identity
from bloomery.drivers.redfish.protocol import SystemFacts
from bloomery.drivers.ssh.protocol import HostFacts
from bloomery.errors import (
    CredentialRefused,
    IdentityError,
    NotTrusted,
    UnknownState,
    Unreachable,
    Unsupported,
)
from bloomery.provider.asset_tag import TAG, without_key
from bloomery.provider.bmc_access import sought
from bloomery.provider.phases.node.evidence import respect_evidence
from bloomery.provider.phases.node.install import needed, stage
from bloomery.provider.phases.node.medium import resume
from bloomery.provider.phases.node.password import first_password, put_back
from bloomery.provider.phases.node.power import poll
from bloomery.provider.phases.node.work import NodeWork

UNPROVEN = (IdentityError, Unsupported)
"""Errors that say of a machine that it is not, or cannot be told to be, the one delivered."""

UNTOUCHED = "nothing was changed"
BUT_PASSWORD = f"{UNTOUCHED} but the password that its BMC wanted changed first"

TELLING = ("bmc_macs", "serials", "system_uuid")
"""Facts that identify a machine."""


async def identify(work: NodeWork) -> None:
    """Log in, compare all three identities, find the install generation."""
    await work.waiting("waiting for the BMC to answer", "check the BMC's power and cabling")
    await work.link.login()
    before = await first_password(work)
    try:
        facts = await proven(work, await work.facts())
    except UNPROVEN as error:
        if before is None:
            raise
        told = error.reason.removesuffix(f"; {UNTOUCHED}")
        reason = f"{told}; {await put_back(work, before)}"
        raise type(error)(reason, subject=work.node.name, next_step=error.next_step) from error
    work.observe("personality", str(await work.ask(lambda bmc: bmc.personality())))
    await survey(work, await settled_power(work, facts))
    await resume(work)
    if work.node.bmc.unproven and needed(work) and await stage(work) == "not begun":
        # The way to an installation sets passwords and BIOS attributes, and cuts power.
        respect_evidence(work, UNTOUCHED if before is None else BUT_PASSWORD)


async def proven(work: NodeWork, facts: SystemFacts) -> SystemFacts:
    """Facts of the machine that was delivered; what cannot be read yet is waited for.

    Unless the rest proves it: a port that never answers is not the machine's identity.
    """

    async def told() -> bool:
        nonlocal facts
        facts = await work.facts()
        return _enough(work, facts)

    if not _enough(work, facts):
        reason = "; ".join(sorted({facts.lack(name) for name in _starting(facts)}))
        await work.until(told, poll(work), reason, "check the BMC's event log")
    compare(work, facts)
    return facts


def _enough(work: NodeWork, facts: SystemFacts) -> bool:
    likeness = identity.compare(sought(work.node), facts)
    return not _starting(facts) or bool(likeness.differs) or likeness.proven


def _starting(facts: SystemFacts) -> list[str]:
    """Identities that the BMC has and does not answer for now."""
    return [name for name in TELLING if facts.quality(name) == "unreadable"]


async def settled_power(work: NodeWork, facts: SystemFacts) -> SystemFacts:
    """Facts of a machine that is either on or off: a change under way ends first."""

    async def settled() -> bool:
        nonlocal facts
        facts = await work.facts("power")
        return facts.power in ("On", "Off")

    if facts.power not in ("On", "Off"):
        await work.facts("power")
        reason = f"power state is {facts.power}"
        await work.until(settled, poll(work), reason, "check the BMC's event log")
    return facts


def compare(work: NodeWork, facts: SystemFacts) -> None:
    """Raise IdentityError unless all that the BMC tells is as delivered; Unsupported if too little.

    How it was compared goes to the journal, once for each outcome.
    """
    likeness = identity.compare(sought(work.node), facts)
    if likeness.differs:
        reason = "; ".join(f"{name} {how}" for name, how in likeness.differs.items())
        work.journal.write("identify", "stuck", reason=reason)
        raise IdentityError(
            f"{reason}; {UNTOUCHED}",
            subject=work.node.name,
            next_step=f"correct machines.csv, or bloomery replace {work.node.name}",
        )

    if not likeness.proven:
        raise Unsupported(
            likeness.lacking(),
            subject=work.node.name,
            next_step="see docs/bmcs.md for what this model can do",
        )
    work.observe("identity", str(likeness))


async def survey(work: NodeWork, facts: SystemFacts) -> None:
    """Find which installation is on the machine. Raises UnknownState when it cannot be told."""
    journal = work.journal
    done = journal.number("install", "verified", "generation")
    begun = journal.number("install", "intent", "generation")
    tagged, installing = _read_tag(work, facts.asset_tag)
    work.found = max(done, tagged)
    work.unproven = installing or begun > work.found
    # BMCs have been seen to report the wrong power state, so nobody is wiped unasked.
    if facts.power == "On" or work.found < work.node.install_generation:
        work.alive = await _listen(work)
    if work.alive and facts.power == "Off":
        raise UnknownState(
            "answers ssh while its BMC reports power off",
            subject=work.node.name,
            next_step="restart the BMC, then pulumi up",
        )
    if work.alive:
        work.found, work.unproven = work.alive.generation, False
    elif facts.power != "Off" and not (work.found or work.unproven):
        raise UnknownState(
            "is powered on, does not answer with its host key and has neither asset tag nor"
            " journal entry of this site",
            subject=work.node.name,
            next_step="if its data is not needed, power it off manually, then pulumi up",
        )


def _read_tag(work: NodeWork, tag: str) -> tuple[int, bool]:
    """Generation proven by the tag, and whether one beyond it was being installed."""
    if not tag:
        return 0, False
    match = TAG.fullmatch(tag)
    if match is None or match["site"] != work.setting.site:
        raise UnknownState(
            f"has the asset tag {without_key(tag)!r}, which is not this site's",
            subject=work.node.name,
            next_step="clear the asset tag if the machine may be installed",
        )
    generation, installing = int(match["generation"]), match["suffix"] is not None
    return (generation - 1 if installing else generation), installing


async def _listen(work: NodeWork) -> HostFacts | None:
    try:
        return await work.probe()
    except Unreachable:
        return None
    except (NotTrusted, CredentialRefused) as error:
        await work.context.log.warn(work.urn, str(error))
        return None
