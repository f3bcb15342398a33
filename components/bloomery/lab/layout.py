"""Where the lab keeps its files, all below ``StateDir.lab``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FAILED = "failed: "
"""What the line of the daemon's log begins with that says why it could not start."""


@dataclass(frozen=True)
class MachineDir:
    """The files of one machine."""

    path: Path

    @property
    def bmc(self) -> Path:
        """What the BMC remembers: accounts, BIOS, media, markers."""
        return self.path / "bmc.json"

    @property
    def leaf(self) -> Path:
        """Certificate and key of the BMC; kept so that a restart shows the same one."""
        return self.path / "leaf.json"

    @property
    def power(self) -> Path:
        """What the firmware was doing, so that a restarted daemon goes on with it."""
        return self.path / "power.json"

    @property
    def faults(self) -> Path:
        """Faults of the machine that were asked for."""
        return self.path / "faults.json"

    @property
    def console(self) -> Path:
        """Everything the serial console said, oldest first."""
        return self.path / "console.log"

    @property
    def seed(self) -> Path:
        """The seed of an installation under way; gone when it ends."""
        return self.path / "seed.iso"

    @property
    def disk(self) -> Path:
        """The disk."""
        return self.path / "disk"

    @property
    def run(self) -> Path:
        """Files of the running guest: its shim's identity, readiness and end."""
        return self.path / "run"


@dataclass(frozen=True)
class LabDir:
    """The files of one lab."""

    path: Path

    @property
    def spec(self) -> Path:
        """What the lab shall be; read by the daemon."""
        return self.path / "lab.json"

    @property
    def up_lock(self) -> Path:
        """Held by ``up`` and ``down``: one at a time."""
        return self.path.with_name("lab.lock")

    @property
    def daemon_lock(self) -> Path:
        """Held by the daemon for as long as it lives."""
        return self.path / "daemon.lock"

    @property
    def daemon(self) -> Path:
        """Which process the daemon is."""
        return self.path / "daemon.json"

    @property
    def log(self) -> Path:
        """What the daemon said."""
        return self.path / "daemon.log"

    @property
    def medium(self) -> Path:
        """The installation medium of machines with firmware."""
        return self.path / "medium.iso"

    @property
    def depot(self) -> Path:
        """Signed index of the lab's package mirror, its key included."""
        return self.path / "depot"

    def machine(self, name: str) -> MachineDir:
        """Files of the machine called ``name``."""
        return MachineDir(self.path / "machines" / name)
