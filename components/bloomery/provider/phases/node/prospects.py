"""Which phases would work on a BMC as it was described: judged, nothing is tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bloomery.drivers.redfish import identity
from bloomery.drivers.redfish.description import Description
from bloomery.drivers.redfish.protocol import (
    ANY,
    HTTP_BOOT,
    Personality,
    PowerAction,
    Sought,
    SystemFacts,
)
from bloomery.drivers.redfish.resets import SAME

Works = Literal["yes", "no", "unknown"]

NEEDED: tuple[PowerAction, ...] = ("On", "ForceOff")
"""Without these no machine can be installed; a clean shutdown is only preferred."""


@dataclass(frozen=True)
class Prospect:
    """What is to be expected of one phase."""

    phase: str
    works: Works
    why: str


def prospects(found: Description, wanted: Sought = ANY) -> tuple[Prospect, ...]:
    """Every phase that asks something of a BMC; ``wanted`` is the machine of a delivery list."""
    facts, how = found.facts, found.personality
    if found.change_first:
        blind: tuple[Works, str] = ("unknown", "nothing is answered until the password is changed")
    else:
        blind = ("no", found.trouble or "the BMC tells of no system")
    if facts is None or how is None:
        judged = dict.fromkeys(("identify", "BIOS", "media", "boot once", "power"), blind)
    else:
        judged = {
            "identify": _identify(facts, wanted),
            "BIOS": _bios(facts, how),
            "media": _media(facts, how),
            "boot once": _boot(facts, how),
            "power": _power(facts, how),
        }
    judged["password"] = _password(found)
    return tuple(Prospect(phase, works, why) for phase, (works, why) in judged.items())


def _identify(facts: SystemFacts, wanted: Sought) -> tuple[Works, str]:
    if wanted != ANY:
        likeness = identity.compare(wanted, facts)
        if likeness.proven:
            return "yes", str(likeness)
        return "no", str(likeness) if likeness.differs else likeness.lacking()
    # Nothing to compare with: it is judged by what the BMC would tell of itself.
    serials = list(facts.serials.values())
    own = Sought(
        (*facts.bmc_macs, "")[0],
        (*serials, "")[0],
        facts.system_uuid,
    )
    likeness = identity.compare(own, facts)
    if likeness.proven:
        return "yes", f"{', '.join(likeness.agreed)} can be compared with a delivery list"
    lacks = [facts.lack(name) for name in ("bmc_macs", "serials", "system_uuid")]
    told = ", ".join(likeness.agreed) or "none of them"
    why = "; ".join(lack for lack in lacks if lack)
    return "no", f"it takes UUID or serial and one more; the BMC tells {told} ({why})"


def _bios(facts: SystemFacts, how: Personality) -> tuple[Works, str]:
    quality = facts.quality("bios")
    if quality == "unreadable":
        return "unknown", facts.lack("bios")
    if quality == "absent":
        return "no", facts.lack("bios")
    return "yes", f"{len(facts.bios)} attributes, written to {how.bios_resource}"


def _media(facts: SystemFacts, how: Personality) -> tuple[Works, str]:
    if facts.quality("media") == "unreadable":
        return "unknown", facts.lack("media")
    if how.insert.get("Cd") == HTTP_BOOT:
        where = how.slots["Cd"]
        return (
            "yes",
            f"UEFI HTTP boot: the machine itself reads the URL, which is written to {where}",
        )
    if "Cd" in how.slots:
        second = "Seed" in how.slots
        return "yes", "two slots fit" if second else "one slot fits, which takes installer and seed"
    if facts.quality("media") == "absent":
        return "no", facts.lack("media")
    if how.enables_media:
        return "yes", "no slot is listed until remote media is enabled"
    return "no", "the BMC lists no virtual media slot that takes a URL"


def _boot(facts: SystemFacts, how: Personality) -> tuple[Works, str]:
    quality = facts.quality("boot_once")
    if quality == "unreadable":
        return "unknown", facts.lack("boot_once")
    if "Cd" in how.boot_targets:
        return "yes", f"{how.boot_targets['Cd']}, written to {how.boot_resource}"
    return "no", facts.lack("boot_once") or "the BMC offers no boot override to Cd"


def _power(facts: SystemFacts, how: Personality) -> tuple[Works, str]:
    if not how.reset:
        return "no", "the system offers no reset"
    if facts.quality("power") != "good":
        return "no", facts.lack("power")
    if not how.resets:
        return "yes", "which reset types are offered, the BMC says when asked"
    lacking = [one for one in NEEDED if not set(SAME[one]) & set(how.resets)]
    if lacking:
        return "no", f"{' and '.join(lacking)} not offered, only {', '.join(how.resets)}"
    if "GracefulShutdown" not in how.resets:
        return "yes", "no clean shutdown is offered: power is cut"
    return "yes", f"{len(how.resets)} reset types"


def _password(found: Description) -> tuple[Works, str]:
    if not found.account:
        return "no", found.account_lack
    first = "; it must be changed before all else" if found.change_first else ""
    return "yes", f"the account is {found.account}{first}"
