"""Faults of a machine that its BMC knows nothing of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BOOT_HANG = "boot-hang"
SSH_REFUSED = "ssh-refused"
DISK_FULL = "disk-full"
LINK_DOWN = "link-down"
POWER_CUT = "power-cut"
CRASH = "crash"

MEANINGS: Mapping[str, str] = {
    BOOT_HANG: "the next boot from disk hangs before init; power control works",
    SSH_REFUSED: "from the next boot, no process listens on the ssh port",
    DISK_FULL: "from the next power-on, the disk has only VALUE bytes free (default 4 MiB)",
    LINK_DOWN: "the host's link is down until cleared",
    POWER_CUT: "link down, then all processes of the host end; once",
    CRASH: "the running system stops without a message; once",
}
"""What each fault does, for ``bloomery lab fault`` and the documentation."""

ONCE = frozenset({POWER_CUT, CRASH})
"""Faults that happen and are over; they are not kept."""


@dataclass(frozen=True)
class MachineFaults:
    """Faults in force, name -> value (empty where the fault takes none)."""

    active: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.active

    def with_fault(self, name: str, value: str) -> MachineFaults:
        """These and one more."""
        return MachineFaults({**self.active, name: value})

    def without(self, name: str) -> MachineFaults:
        """These without one; ``all`` clears every one."""
        if name == "all":
            return MachineFaults()
        return MachineFaults({key: v for key, v in self.active.items() if key != name})
