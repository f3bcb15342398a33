"""Whether a machine is the one that a delivery list means, and how that was found out.

Everything of the list that the BMC can tell must agree, at least two of the three must be told,
and one of them must be the UUID or the serial: a MAC alone is that of a network port.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bloomery.drivers.redfish import values
from bloomery.drivers.redfish.protocol import Sought, SystemFacts

MAC, SERIAL, UUID = "BMC MAC", "chassis serial", "system UUID"
"""What identities are called, in errors and in evidence."""

LEAST = 2
"""How many must be told: one alone is too often copied with a board."""


@dataclass(frozen=True)
class Likeness:
    """What came of the comparison; each of the three is in exactly one part."""

    agreed: Mapping[str, str]
    """Identity -> how it was compared: which of several values, in which form."""
    differs: Mapping[str, str]
    """Identity -> what was found instead."""
    untold: Mapping[str, str]
    """Identity -> why it could not be compared."""

    @property
    def proven(self) -> bool:
        """Whether it is the machine."""
        named = UUID in self.agreed or SERIAL in self.agreed
        return not self.differs and named and len(self.agreed) >= LEAST

    def __str__(self) -> str:
        parts = [f"{name} {how}" for name, how in (*self.agreed.items(), *self.differs.items())]
        parts += [f"{name} not compared ({why})" for name, why in self.untold.items()]
        return "; ".join(parts)

    def lacking(self) -> str:
        """Why it is not proven although nothing differs."""
        told = ", ".join(self.agreed) or "none of them"
        why = "; ".join(f"{name}: {reason}" for name, reason in self.untold.items())
        return f"identity needs the UUID or the serial and one more; the BMC tells {told} ({why})"


def compare(sought: Sought, facts: SystemFacts) -> Likeness:
    """Compare what was delivered with what the BMC says."""
    agreed: dict[str, str] = {}
    differs: dict[str, str] = {}
    untold: dict[str, str] = {}
    for name, fact, wanted, plain, found in (
        (MAC, "bmc_macs", sought.bmc_mac, values.mac, _macs(sought, facts)),
        (SERIAL, "serials", sought.chassis_serial, values.serial, _serials(sought, facts)),
        (UUID, "system_uuid", sought.system_uuid, values.uuid, _uuid(sought, facts)),
    ):
        if not wanted:
            untold[name] = "the delivery list has none"
        elif not plain(wanted):
            differs[name] = f"in the delivery list is {wanted!r}, which is none"
        elif found is None:
            untold[name] = facts.lack(fact) or "the BMC tells none"
        elif found.good:
            agreed[name] = found.how
        else:
            differs[name] = found.how
    return Likeness(agreed, differs, untold)


@dataclass(frozen=True)
class _Found:
    good: bool
    how: str


def _macs(sought: Sought, facts: SystemFacts) -> _Found | None:
    wanted = values.mac(sought.bmc_mac)
    if not facts.bmc_macs:
        return None
    if wanted in facts.bmc_macs:
        return _Found(True, f"is one of {len(facts.bmc_macs)} ports")
    return _Found(False, f"is {', '.join(facts.bmc_macs)}, not {wanted}")


def _serials(sought: Sought, facts: SystemFacts) -> _Found | None:
    wanted = values.serial(sought.chassis_serial)
    if not facts.serials:
        return None
    where = [place for place, serial in facts.serials.items() if serial == wanted]
    if where:
        return _Found(True, f"is that of {where[0]}")
    said = ", ".join(f"{serial} ({place})" for place, serial in facts.serials.items())
    return _Found(False, f"is {said}, not {wanted}")


def _uuid(sought: Sought, facts: SystemFacts) -> _Found | None:
    wanted = values.uuid(sought.system_uuid)
    if not facts.system_uuid:
        return None
    if wanted == facts.system_uuid:
        return _Found(True, "is the same")
    if values.swapped(wanted) == facts.system_uuid:
        return _Found(True, "is the same with the byte order of its first three fields swapped")
    return _Found(False, f"is {facts.system_uuid}, not {wanted}")
