"""The asset tag of a machine that is being installed: marked, and for a time with a key."""

from __future__ import annotations

from bloomery.errors import DeviceError, Unsupported
from bloomery.provider.asset_tag import without_key
from bloomery.provider.phases.node.work import NO_TAG, NodeWork
from bloomery.provider.phases.work import Stuck


async def mark_begun(work: NodeWork) -> None:
    """Say on the machine that it is being installed; with the key of its seed where that is sealed.

    Raises Stuck where it cannot be given the key.
    """
    tag = work.tag(work.node.install_generation, "-installing")
    if not work.seal_key:
        await work.mark(tag)
        return
    keyed = f"{tag}/{work.seal_key}"
    try:
        await work.ask(lambda bmc: bmc.set_asset_tag(keyed))
    except (DeviceError, Unsupported) as error:
        if type(error) not in NO_TAG:
            raise
        reason = (
            f"the BMC does not keep an asset tag of {len(keyed)} characters, by which the machine"
            " is given the key of its seed"
        )
        next_step = "a machine of this pool needs media over https: docs/media.md"
        # What it kept of the tag is a part of the key: it is in the error and goes no further.
        raise Stuck("install", reason, next_step) from None


async def take_key_back(work: NodeWork) -> None:
    """Before the installed system starts: the tag is shown to whoever runs on the machine.

    Raises Stuck where it stays.
    """
    tag = (await work.facts()).asset_tag
    if without_key(tag) == tag:
        return
    try:
        await work.ask(lambda bmc: bmc.set_asset_tag(without_key(tag)))
    except (DeviceError, Unsupported) as error:
        if type(error) not in NO_TAG:
            raise
        reason = "the BMC keeps the key of the seed in its asset tag"
        next_step = f"write the asset tag {without_key(tag)} by hand, then pulumi up"
        raise Stuck("boot", reason, next_step) from None
