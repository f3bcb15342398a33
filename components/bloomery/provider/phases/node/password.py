"""A factory password that must be changed before the BMC answers anything else.

Its certificate was proven before. Who it is cannot be read until then; where it turns out to be
another machine, the password is put back.
"""

from __future__ import annotations

from bloomery.errors import BloomeryError
from bloomery.provider.phases.node.work import NodeWork
from bloomery.provider.phases.work import Stuck


async def first_password(work: NodeWork) -> int | None:
    """Change the password if the BMC insists; returns the key epoch it had, or None if it did not.

    Journalled before, proven by a login after, as any other change.
    """
    link, wanted = work.link, work.node.key_epoch
    if not link.expired:
        return None
    before = link.epoch
    if before == wanted:
        reason = f"the BMC wants another password than that of key epoch {wanted}"
        raise Stuck(work.phase, reason, "raise key_epoch of the site, then pulumi up")
    work.journal.write("credentials", "intent", epoch=wanted)
    await link.change_password(wanted)
    return before


async def put_back(work: NodeWork, epoch: int) -> str:
    """Restore the password of a machine that is another one; says how that went."""
    work.journal.write("credentials", "intent", epoch=epoch)
    try:
        await work.link.change_password(epoch)
    except BloomeryError as error:
        epoch_now = work.node.key_epoch
        return (
            "its password had to be changed before it could be read and could not be put back"
            f" ({error.reason}): it is that of key epoch {epoch_now}"
        )
    return "its password had to be changed before it could be read, and is the former one again"
