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


MediaWay = Literal["action", "patch", "http boot"]
"""How a URL gets in: by the slot's action, by writing to the slot, or, where there is no slot, as
what the machine's own firmware is to start from."""

HTTP_BOOT: MediaWay = "http boot"


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
class Sought:
    """The machine as the delivery list has it; empty fields are not known.

    A BMC may have several systems: this says which of them is meant.
    """

    bmc_mac: str = ""
    chassis_serial: str = ""
    system_uuid: str = ""


Quality = Literal["absent", "unreadable"]
"""Why a fact is not good: the BMC has no such thing, or it did not answer just now."""


@dataclass(frozen=True)
class Lack:
    """A fact that is not there."""

    quality: Quality
    why: str
    """In one line, for people."""


@dataclass(frozen=True)
class SystemFacts:
    """What a BMC says of its machine, read in one go.

    A fact that ``lacks`` does not name is good. One that is missing hides no other.
    """

    bmc_macs: tuple[str, ...]
    """MACs of the BMC's ports that lead to a network, ``aa:bb:cc:dd:ee:ff``."""
    serials: Mapping[str, str]
    """Where it is told (``chassis``, ``system``...) -> serial number, upper case."""
    system_uuid: str
    """Lower case with dashes, as the BMC has its bytes."""
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
    """Slot -> image of the inserted medium as the BMC tells it; empty slots are left out."""
    boot_once: str = ""
    """Target of a pending one-time boot override, or empty."""
    boot_always: str = ""
    """Target of an override that stays until it is cleared, or empty."""
    boot_progress: str = ""
    """Redfish BootProgress.LastState, for example ``OSRunning``; empty if unknown."""
    lacks: Mapping[str, Lack] = field(default_factory=dict)
    """Name of a field above -> why its value is none."""

    def quality(self, name: str) -> Quality | Literal["good"]:
        """Whether a fact is good, absent, or unreadable just now."""
        return self.lacks[name].quality if name in self.lacks else "good"

    def lack(self, name: str) -> str:
        """Why a fact is not there; empty where it is."""
        return self.lacks[name].why if name in self.lacks else ""


@dataclass(frozen=True)
class SystemNow:
    """What the system's own resource says: all that waiting for a machine needs to ask again."""

    power: str
    """As in ``SystemFacts``."""
    boot_progress: str
    """As in ``SystemFacts``."""
    asset_tag: str | None
    """As in ``SystemFacts``; None where the BMC has none."""


@dataclass(frozen=True)
class Personality:
    """How one BMC wants to be spoken to: derived from what its tree declares."""

    kind: str
    """``standard``, or the name of the class that corrected what the tree says."""
    why: str
    """What it was recognised by."""
    slots: Mapping[MediaSlot, str] = field(default_factory=dict)
    """What is inserted -> path of the slot that fits it."""
    insert: Mapping[MediaSlot, MediaWay] = field(default_factory=dict)
    """What is inserted -> how."""
    boot_resource: str = ""
    """Where a boot override is written and read back; empty where there is none."""
    boot_targets: Mapping[str, str] = field(default_factory=dict)
    """``Cd`` and ``Hdd`` -> how this BMC calls them; what it lacks is left out."""
    bios_resource: str = ""
    """Where BIOS attributes are written; empty where there are none."""
    apply_time: str = ""
    """``@Redfish.SettingsApplyTime`` to send with them, or empty."""
    resets: tuple[str, ...] = ()
    """Reset types that are offered."""
    reset: bool = True
    """Whether the system has a reset action."""
    enables_media: bool = False
    """Whether slots are listed only once the BMC is told to."""
    needs: tuple[str, ...] = ()
    """What must be done or given first, in words."""

    def __str__(self) -> str:
        slots = ", ".join(
            f"{name} in {path} by {self.insert[name]}" for name, path in self.slots.items()
        )
        parts = [
            f"{self.kind} ({self.why})",
            f"media: {slots or 'none'}",
            f"boot override: {self.boot_resource or 'none'} {dict(self.boot_targets)}",
            f"BIOS: {self.bios_resource or 'none'} {self.apply_time}".rstrip(),
            f"resets: {', '.join(self.resets) or 'not told'}",
        ]
        return "; ".join([*parts, *(f"needs {need}" for need in self.needs)])


@dataclass(frozen=True)
class MediaTrust:
    """Whether a BMC proves whom it reads a medium from."""

    verifies: bool
    """Whether it does so by the site CA."""
    why: str
    """By what it does, or why not, in words."""

    def __str__(self) -> str:
        return f"{'verified' if self.verifies else 'not verified'}: {self.why}"


class Bmc(Protocol):
    """One logged-in BMC session.

    Any call raises Unreachable, Busy (SessionEnded when it takes a new login), or
    Unsupported. Nothing is repeated behind the caller's back.
    """

    def facts(self) -> SystemFacts:
        """Read everything above. Reads parents before children."""

    def now(self) -> SystemNow:
        """Read the system alone: one resource, where ``facts`` read a dozen and more."""

    def personality(self) -> Personality:
        """How this BMC is spoken to, and why so."""

    def firmware(self) -> Mapping[str, str]:
        """Name -> version of all firmware. Raises Unsupported where it is not listed."""

    def password_expired(self) -> bool:
        """Whether the password must be changed before anything else is answered."""

    def set_password(self, username: str, password: str) -> None:
        """Change the password of an account through AccountService."""

    def set_bios(self, attributes: Mapping[str, str]) -> None:
        """Stage attributes; they hold after the next reset.

        Raises Unsupported naming the keys the BMC does not list.
        """

    def insert_media(self, slot: MediaSlot, url: str) -> None:
        """Insert a medium by URL; the BMC fetches it itself.

        Raises Unsupported where no slot fits.
        """

    def believe_ca(self, slot: MediaSlot, ca: str) -> MediaTrust:
        """Give a slot the CA (PEM) of whom its medium will be read from, and have it verify by it.

        A BMC that has no place for one, or refuses it, is told and no error. Raises Unsupported
        where no slot fits.
        """

    def eject_media(self, slot: MediaSlot) -> None:
        """Eject; ejecting an empty slot is no error."""

    def boot_once(self, target: Literal["Cd", "Hdd"]) -> None:
        """Set the boot override for the next boot only.

        Some BMCs keep it as one that stays: ``SystemFacts.boot_always`` tells, and
        ``clear_boot`` takes it back.
        """

    def clear_boot(self) -> None:
        """Take back a boot override; that there is none is no error."""

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


ANY = Sought()
"""The machine of a BMC that has one."""


class Connect(Protocol):
    """Opens a session. One call is one login attempt."""

    def __call__(
        self, address: str, trust: Trust, username: str, password: str, sought: Sought = ANY, /
    ) -> Bmc:
        """``address`` is ``host`` or ``host:port``; ``sought`` the system that is meant.

        Raises Unreachable, NotTrusted, CredentialRefused, LockedOut, Busy.
        """
