"""What the rest of bloomery asks of a BMC: a small, blocking contract.

Redfish DSP0266 1.20; the paths behind each call are the client's business. Every
call raises errors of ``bloomery.errors`` only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

AT_ONCE = 64
"""BMC calls at once over the whole site. More is measurably worse: an infra controller's own
tuning at 1,000 hosts gave 139 machines a minute with 200 probes at once, and half of that with
400; more than 16 flashes at once made none ready (NICo's figures, in its issues 3758 to 3763)."""

PowerAction = Literal["On", "ForceOff", "GracefulShutdown", "ForceRestart"]
"""Redfish ResetType values bloomery uses."""

MediaSlot = Literal["Cd", "Seed"]
"""The installation medium, and the node's first-boot data."""


@dataclass(frozen=True)
class Trust:
    """How to know the BMC. Exactly one of the two ways is used."""

    cert_sha256: str = ""
    """Pinned SHA-256 of the leaf certificate, hex; wins when given."""
    ca_file: str = ""
    """PEM file of the site CA; the certificate must carry the address as IP SAN."""
    chassis_serial: str = ""
    """With ``ca_file``: the subject's serialNumber must equal this."""


@dataclass(frozen=True)
class SystemFacts:
    """What a BMC says of its machine, read in one go."""

    bmc_mac: str
    chassis_serial: str
    system_uuid: str
    model: str
    power: str
    """``On``, ``Off``, ``PoweringOn``, ``PoweringOff`` or ``Unknown``."""
    asset_tag: str
    """Marker that survives on the machine; bloomery writes ``bloomery/SITE/gN``."""
    bmc_version: str
    bios_version: str
    bios: Mapping[str, str] = field(default_factory=dict)
    bios_pending: Mapping[str, str] = field(default_factory=dict)
    """Attributes that wait for the next reset."""
    media: Mapping[str, str] = field(default_factory=dict)
    """Slot -> URL of inserted media; empty slots are left out."""
    boot_once: str = ""
    """Target of a pending one-time boot override, or empty."""
    boot_progress: str = ""
    """Redfish BootProgress.LastState, for example ``OSRunning``; empty if unknown."""


class Bmc(Protocol):
    """One logged-in BMC session.

    Any call raises Unreachable, Busy (SessionEnded when it takes a new login), or
    Unsupported. Nothing is repeated behind the caller's back.
    """

    def facts(self) -> SystemFacts:
        """Read everything above. Reads parents before children."""

    def set_password(self, username: str, password: str) -> None:
        """Change the password of an account through AccountService."""

    def set_bios(self, attributes: Mapping[str, str]) -> None:
        """Stage attributes; they hold after the next reset.

        Raises Unsupported naming the keys the BMC does not list.
        """

    def insert_media(self, slot: MediaSlot, url: str) -> None:
        """Insert a medium by URL; the BMC fetches it itself."""

    def eject_media(self, slot: MediaSlot) -> None:
        """Eject; ejecting an empty slot is no error."""

    def boot_once(self, target: Literal["Cd", "Hdd"]) -> None:
        """Set the boot override for the next boot only."""

    def power(self, action: PowerAction) -> None:
        """Ask for a power change. Returns once accepted, not once done."""

    def set_asset_tag(self, tag: str) -> None:
        """Write the marker."""

    def reset_bmc(self) -> None:
        """Restart the BMC itself; the session is lost."""

    def end_other_sessions(self) -> None:
        """End what a killed predecessor left open with this account. Never raises."""

    def close(self) -> None:
        """End the session on the BMC. Never raises."""


class Connect(Protocol):
    """Opens a session. One call is one login attempt."""

    def __call__(self, address: str, trust: Trust, username: str, password: str) -> Bmc:
        """``address`` is ``host`` or ``host:port``.

        Raises Unreachable, NotTrusted, CredentialRefused, LockedOut, Busy.
        """
