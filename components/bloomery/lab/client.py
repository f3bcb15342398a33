"""What may be asked of a running lab, as plain functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bloomery.drivers.redfish.fake import FAULTS
from bloomery.errors import LabError
from bloomery.lab import control
from bloomery.lab.faults import MEANINGS
from bloomery.lab.layout import LabDir
from bloomery.statedir import StateDir


@dataclass(frozen=True)
class MachineStatus:
    """One machine as it is now."""

    name: str
    kind: str
    """``guest`` or ``ghost``."""
    power: str
    """Redfish PowerState, as the BMC reports it."""
    progress: str
    """Redfish BootProgress.LastState."""
    bmc: str
    """``address:port``."""
    host: str
    """``address:port`` of sshd."""
    tag: str
    """Asset tag."""
    faults: tuple[str, ...]


def status(site: str, env: Mapping[str, str]) -> list[MachineStatus]:
    """Every machine of the running lab. LabError where it does not run."""
    machines = control.ask(_lab(site, env).path, "status")["machines"]
    if not isinstance(machines, list):
        raise LabError("the answer of the lab is invalid", subject=site)
    return [MachineStatus(**{**each, "faults": tuple(each["faults"])}) for each in machines]


def set_fault(
    site: str, env: Mapping[str, str], machine: str, name: str, options: Mapping[str, str]
) -> None:
    """Put a fault in force. LabError for an unknown machine, fault or option."""
    control.ask(_lab(site, env).path, "fault", machine=machine, name=name, options=dict(options))


def clear_fault(site: str, env: Mapping[str, str], machine: str, name: str = "all") -> None:
    """Take back one fault of a machine, or all of them."""
    control.ask(_lab(site, env).path, "clear", machine=machine, name=name)


def fault_meanings() -> dict[str, str]:
    """Every fault and what it does, those of the BMC with their options."""
    meanings = dict(MEANINGS)
    for kind in FAULTS:
        options = " ".join(f"{key}={default}" for key, default in kind.options.items())
        meanings[kind.name] = f"BMC: {kind.help}" + (f" ({options})" if options else "")
    return meanings


def console_file(site: str, env: Mapping[str, str], machine: str) -> Path:
    """File of a machine's console; may not exist yet. LabError for an unknown machine."""
    place = _lab(site, env).machine(machine)
    if not place.path.is_dir():
        raise LabError("no such machine in this lab", subject=machine)
    return place.console


def _lab(site: str, env: Mapping[str, str]) -> LabDir:
    lab = LabDir(StateDir.of(site, env).lab)
    if not lab.path.is_dir():
        raise LabError("the lab is not running", subject=site, next_step=f"bloomery lab up {site}")
    return lab
