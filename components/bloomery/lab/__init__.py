"""The lab: a site on one machine, with virtual BMCs, real hosts, ghosts and a package mirror.

``up(site, env)`` and ``down(name, env)`` are the whole interface; ``control`` asks a
running lab. Lives here: what replaces metal, and the front of the BMC emulator.
Must not live here: anything production imports, how a BMC behaves
(``drivers.redfish.fake``), what is installed on hosts (``ansible/``).
"""

from __future__ import annotations

from bloomery.lab.client import (
    MachineStatus,
    clear_fault,
    console_file,
    fault_meanings,
    set_fault,
    status,
)
from bloomery.lab.lifecycle import current_spec, down, up

__all__ = [
    "MachineStatus",
    "clear_fault",
    "console_file",
    "current_spec",
    "down",
    "fault_meanings",
    "set_fault",
    "status",
    "up",
]
