"""The medium of one node: offered, offered again after an interruption, and withdrawn."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass

from bloomery.drivers.redfish.images import shows
from bloomery.drivers.redfish.protocol import HTTP_BOOT, MediaSlot
from bloomery.errors import NotReadyError
from bloomery.provider.journal import Entry, Event
from bloomery.provider.media.kept import UNUSED
from bloomery.provider.media.medium import Medium
from bloomery.provider.media.reading import OFFERED, READ, SEED_READ, Reading
from bloomery.provider.phases.node.limits import READS_ON
from bloomery.provider.phases.node.power import PAST_POST, poll
from bloomery.provider.phases.node.work import NodeWork
from bloomery.provider.phases.work import Stuck
from bloomery.provider.seed import sealed_files, seed_files
from bloomery.trust.sealed import seal_key

HTTPS = "https"

SEALED = ("http",)
"""Ways a medium is read without TLS: what is secret on it is sealed."""

INTENT: tuple[str, Event] = ("install", "intent")
"""Journal line: from here on the machine may be wiped."""


def seed_was_read(work: NodeWork) -> bool:
    """Whether the journal knows that the machine has read the seed it was offered last.

    Before the start counts too: some BMCs load a medium as soon as it is inserted.
    """
    offered, read = _newest_offer(work), False
    for entry in work.journal.entries():
        kind = (entry.phase, entry.event)
        if kind == OFFERED:
            read = False
        elif kind == INTENT and entry.data.get("generation") != _generation(offered):
            read = False  # begun by a release that offered without a line of its own
        elif kind == SEED_READ:
            read = True
    return read


def seed_was_read_since_start(work: NodeWork) -> bool:
    """Whether it has read it after it was switched on to install itself."""
    last = work.journal.newest(INTENT, SEED_READ)
    return last is not None and (last.phase, last.event) == SEED_READ


def was_begun(work: NodeWork) -> bool:
    """Whether the journal knows an installation at all."""
    return work.journal.newest(INTENT, OFFERED) is not None


async def offer(work: NodeWork) -> dict[MediaSlot, str]:
    """Offer the node's media under URLs that none had before: slot -> URL."""
    withdraw(work)
    before = _newest_offer(work)
    generation = work.node.install_generation
    again = before is not None and _generation(before) == generation
    attempt = int(before.data["attempt"]) + 1 if again and before is not None else 1
    image = "" if await _two(work) else await work.context.templates.fetched(work.node.image)
    transport = work.node.bmc.media_transport or HTTPS
    offered = await _offer(work, Offered(attempt, image, transport=transport))
    await _tidy(work)
    return offered


async def _tidy(work: NodeWork) -> None:
    try:
        removed = await work.context.templates.tidy()
    except OSError as error:  # no reason to install nothing
        await work.context.log.warn(work.urn, f"the cache of media cannot be tidied: {error}")
        return
    if removed.size:
        what = f"{removed.files} media unused for {UNUSED.days} days, {removed.size:,} bytes"
        await work.context.log.info(work.urn, f"removed from the cache: {what}")


async def _two(work: NodeWork) -> bool:
    """Whether installer and seed go into two slots: where the site wants it and they are there."""
    if not work.context.two_media or work.node.bmc.media_transport in SEALED:
        return False
    personality = await work.ask(lambda bmc: bmc.personality())
    return "Seed" in personality.slots


async def resume(work: NodeWork) -> None:
    """Let a machine read on that was interrupted with the medium in its drive.

    The medium of an earlier process is offered again under its URL. A machine that has its
    seed is awaited once it is past POST, or has read all there is; of any other it is seen
    whether it reads on, and one that does not has lost its medium and is begun again.
    """
    last = _newest_offer(work)
    if last is None or not work.unproven or _generation(last) != work.node.install_generation:
        return
    facts = await work.facts()
    read = seed_was_read(work)
    stopped = facts.boot_progress not in PAST_POST and not read
    if facts.power != "On" or facts.boot_once or stopped:
        return
    try:
        media = await _offer(work, Offered.of(last), read=read)
    except NotReadyError as error:
        line = f"{work.node.name}: its medium is not there any more: {error.reason}"
        await work.context.log.warn(work.urn, line)
        return
    if not all(
        slot in facts.media and shows(facts.media[slot], url) for slot, url in media.items()
    ):
        withdraw(work)
        return
    has_all = read and (facts.boot_progress in PAST_POST or _all_was_read(work))
    work.reading = has_all or await _reads_on(work)


def withdraw(work: NodeWork) -> None:
    """End what is offered, after eject."""
    if work.medium_url:
        work.context.media.withdraw(work.medium_url)
    work.medium_url = work.seal_key = ""


@dataclass(frozen=True)
class Offered:
    """What the journal keeps of an offer."""

    attempt: int
    image: str
    """Digest of the installation medium that the seed is on; empty where it is on its own."""
    port: int = 0
    """0 before it was served."""
    transport: str = HTTPS
    """``https``, or ``http`` with the medium signed and its seed sealed."""

    @classmethod
    def of(cls, entry: Entry) -> Offered:
        """From its line."""
        data = entry.data
        image, transport = str(data.get("image", "")), str(data.get("transport", HTTPS))
        return cls(int(data["attempt"]), image, int(data["port"]), transport)


async def _offer(work: NodeWork, which: Offered, *, read: bool = False) -> dict[MediaSlot, str]:
    from bloomery.provider.media.server import Place  # aiohttp comes with it

    generation = work.node.install_generation
    medium = await _filled(work, which)
    reading = Reading(medium, work.journal, generation, which.attempt, seed_read=read)
    if which.port:
        reading.resume()
    place = Place(
        work.setting.controller_oob,
        await _reader(work, which),
        path(work, which.attempt),
        which.port,
        tls=which.transport not in SEALED,
    )
    work.medium_url = await work.context.media.offer(place, reading)
    work.offered = reading
    if not which.port:
        used = int(work.medium_url.split("/")[2].rpartition(":")[2])
        work.journal.write(
            *OFFERED,
            generation=generation,
            attempt=which.attempt,
            image=which.image,
            port=used,
            transport=which.transport,
        )
    if which.image:
        return {"Cd": work.medium_url}
    return {"Cd": work.node.image, "Seed": work.medium_url}


async def _reader(work: NodeWork, which: Offered) -> str:
    """Address that reads the medium: the BMC's, or the machine's own where firmware does."""
    personality = await work.ask(lambda bmc: bmc.personality())
    if personality.insert.get("Cd") != HTTP_BOOT:
        return work.node.bmc.address.rsplit(":", 1)[0]
    if which.transport in SEALED:
        reason = (
            "firmware reads its medium over the machine's own network, and media without TLS are"
            " served in the BMC network alone"
        )
        raise Stuck("media", reason, "media_transport: https for this pool")
    return work.node.host.address


async def _filled(work: NodeWork, which: Offered) -> Medium:
    """The medium itself: with its seed as it is, or sealed and all files under a signature."""
    node, secret, site = work.node, work.context.secret, work.setting.site
    templates, files = work.context.templates, seed_files(secret, site, node)
    if which.transport not in SEALED:
        template = await (templates.combined(which.image) if which.image else templates.seed())
        return template.filled(files)
    machine, generation = node.identity.system_uuid, node.install_generation
    work.seal_key = seal_key(secret, machine, generation, which.attempt, node.key_epoch)
    template = await templates.signed(which.image)
    return template.filled(sealed_files(secret, site, work.seal_key, files, template.manifest))


def path(work: NodeWork, attempt: int) -> str:
    """Path of a medium: nobody can guess it, and any process of the site works it out.

    Its last part tells attempts apart where a BMC shows nothing else of a URL.
    """
    node, generation = work.node, work.node.install_generation
    identity = f"{node.identity.system_uuid}|{generation}|{attempt}"
    token = work.context.secret.derive("medium", identity, node.key_epoch)
    return f"/{base64.urlsafe_b64encode(token).decode().rstrip('=')}/g{generation}-{attempt}.iso"


async def _reads_on(work: NodeWork) -> bool:
    """Whether the machine asks for a part of its medium before the time for that is over."""
    patience = READS_ON * work.context.patience
    end = asyncio.get_running_loop().time() + patience
    while work.offered is not None and not work.offered.requests:
        if asyncio.get_running_loop().time() > end:
            return False
        await asyncio.sleep(min(poll(work), patience))
    return work.offered is not None


def _all_was_read(work: NodeWork) -> bool:
    """Whether the medium that was offered last went out as a whole, to whatever process."""
    whole = False
    for entry in work.journal.entries():
        kind = (entry.phase, entry.event)
        whole = kind != OFFERED and (whole or (kind == READ and entry.data.get("whole") == 1))
    return whole


def _newest_offer(work: NodeWork) -> Entry | None:
    return work.journal.newest(OFFERED)


def _generation(entry: Entry | None) -> object:
    return entry.data.get("generation") if entry else None
