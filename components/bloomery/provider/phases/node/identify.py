"""Who is this machine, and what is on it? Nothing is changed here."""

from __future__ import annotations

import re

from bloomery.drivers.redfish.protocol import SystemFacts
from bloomery.drivers.ssh.protocol import HostFacts
from bloomery.errors import CredentialRefused, IdentityError, NotTrusted, UnknownState, Unreachable
from bloomery.provider.phases.node.power import poll
from bloomery.provider.phases.node.work import NodeWork

TAG = re.compile(r"bloomery/(?P<site>[^/]+)/g(?P<generation>\d+)(?P<suffix>-installing)?")
"""Marker in the system's asset tag: it outlives disks, state files and journals."""


async def identify(work: NodeWork) -> None:
    """Log in, compare all three identities, find the install generation."""
    await work.waiting("waiting for the BMC to answer", "check the BMC's power and cabling")
    await work.link.login()
    facts = await work.facts()
    compare(work, facts)
    await survey(work, await settled_power(work, facts))


async def settled_power(work: NodeWork, facts: SystemFacts) -> SystemFacts:
    """Facts of a machine that is either on or off: a change under way ends first."""

    async def settled() -> bool:
        nonlocal facts
        facts = await work.facts()
        return facts.power in ("On", "Off")

    if facts.power not in ("On", "Off"):
        reason = f"power state is {facts.power}"
        await work.until(settled, poll(work), reason, "check the BMC's event log")
    return facts


def compare(work: NodeWork, facts: SystemFacts) -> None:
    """Raise IdentityError unless MAC, serial and UUID are all as delivered."""
    wanted = work.node.identity
    pairs = (
        ("BMC MAC", wanted.bmc_mac, facts.bmc_mac),
        ("chassis serial", wanted.chassis_serial, facts.chassis_serial),
        ("system UUID", wanted.system_uuid, facts.system_uuid),
    )
    wrong = [f"{what} is {seen}, not {want}" for what, want, seen in pairs if _differ(want, seen)]
    if wrong:
        reason = "; ".join(wrong)
        work.journal.write("identify", "stuck", reason=reason)
        raise IdentityError(
            f"{reason}; nothing was changed",
            subject=work.node.name,
            next_step=f"correct machines.csv, or bloomery replace {work.node.name}",
        )


def _differ(wanted: str, seen: str) -> bool:
    return wanted.strip().lower() != seen.strip().lower()


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
            f"has the asset tag {tag!r}, which is not this site's",
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
