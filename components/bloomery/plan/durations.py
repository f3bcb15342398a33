"""How long physical work takes on metal, and how much of it is done at once.

Upper estimates, from what others run at scale: an infra controller's time limits per
state, and the timeouts of a provisioning service. Without the time jobs need to drain,
which nobody publishes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One kind of work on one machine."""

    hours: float
    wipes: bool
    """Whether what lies on the machine's disks is lost."""
    source: str
    at_once: int = 0
    """Machines that can be worked on side by side; 0 for a whole ring."""

    def together(self, machines: int) -> float:
        """Hours for that many machines."""
        batches = math.ceil(machines / self.at_once) if self.at_once else min(machines, 1)
        return batches * self.hours


STEPS: Mapping[str, Step] = {
    "install": Step(
        hours=40 / 60,
        wipes=True,
        at_once=32,  # the provider's own budget of installations
        source="NVIDIA infra controller: 40 min for re-provisioning a host before it alerts",
    ),
    "firmware": Step(
        hours=7200 / 3600,
        wipes=False,
        at_once=16,
        source="OpenStack Ironic: 7,200 s for a firmware update; NVIDIA infra controller: at "
        "most 16 flashes at once",
    ),
    "bios": Step(
        hours=900 / 3600,
        wipes=False,
        source="OpenStack Ironic: 900 s for a change of boot mode",
    ),
    "driver": Step(
        hours=30 / 60,
        wipes=False,
        source="NVIDIA infra controller: 30 min for most states before it alerts",
    ),
}
"""Kind of work -> what it takes. Every one of them reboots the machine."""

GATE_HOURS = 480 / 3600
"""Until a ring counts as back: three good answers in a row within 480 s (OpenStack Ironic)."""
