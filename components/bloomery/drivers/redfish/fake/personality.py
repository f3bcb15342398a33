"""How a vendor's BMC differs from the plain one, as data: what the fake and the lab's replies ask.

Nothing here is a vendor's text: paths, names and habits are facts, the replies are the lab's own.
The client's view of a BMC has the same name in ``protocol``; it derives its own from the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

PLAIN_RESETS = (
    "On",
    "ForceOn",
    "ForceOff",
    "GracefulShutdown",
    "ForceRestart",
    "GracefulRestart",
    "PowerCycle",
    "PushPowerButton",
    "Nmi",
)
"""Reset types of the plain BMC."""


@dataclass(frozen=True)
class Slot:
    """One virtual media slot."""

    id: str
    types: tuple[str, ...] = ("CD", "DVD")
    """MediaTypes; empty where the BMC does not tell them."""
    way: Literal["action", "patch", "upload"] = "action"
    """How a URL gets in; a slot for uploads takes none."""

    @property
    def disc(self) -> bool:
        """Whether the machine can start from it as from a disc."""
        return "CD" in self.types if self.types else "cd" in self.id.lower()


@dataclass(frozen=True)
class Port:
    """A port of the BMC beside the one of the delivery list."""

    id: str
    enabled: bool = True
    host_interface: bool = False
    """Whether it says that it leads to the BMC's own host."""


@dataclass(frozen=True)
class Layout:
    """Where things stand in the tree, and who it says it is."""

    vendor: str = "Bloomery"
    """Vendor of the service root; empty where it has none."""
    manufacturer: str = "Bloomery"
    """Manufacturer of the system."""
    bmc_model: str = "Bloomery emulated BMC"
    """Model of the manager."""
    system: str = "1"
    manager: str = "1"
    chassis: str = "1"
    port: str = "eth0"
    """Id of the port that the delivery list names."""
    more_ports: tuple[Port, ...] = ()
    """Ports listed before it."""
    baseboard: str = ""
    """Prefix of a GPU baseboard's system, BMC and chassis, listed first; empty without one."""
    media_at: Literal["manager", "system"] = "manager"
    lower_bios: bool = False
    """Whether the BIOS is linked and answers in lower case only."""
    bios_settings: str = "Settings"
    """Last part of the BIOS's Settings resource; empty where it has none."""
    system_settings: str = ""
    """Last part of the system's Settings resource; empty where it has none."""
    slash: bool = False
    """Whether paths end in a slash; a GET without it is answered with 301."""
    page: int = 0
    """Members of a collection in one page; 0 for all."""


@dataclass(frozen=True)
class Writing:
    """How values are written."""

    uuid: Literal["lower", "upper", "swapped"] = "lower"
    """``swapped``: the first three fields in the other byte order."""
    serial: Literal["plain", "padded", "sku"] = "plain"
    """``sku``: the label's is the SKU, and SerialNumber is the board's."""
    tag: Literal["plain", "padded", "text", "absent"] = "plain"
    """Asset tag; ``text``: a sentence stands there until one is written."""
    progress: Literal["told", "stays", "absent"] = "told"
    """BootProgress; ``stays``: at hardware initialisation for as long as the machine is on."""


@dataclass(frozen=True)
class Media:
    """Virtual media."""

    slots: tuple[Slot, ...] = (Slot("Cd"), Slot("Seed", ("CD", "USBStick")))
    """In the order they are listed."""
    enable: bool = False
    """Whether no slot is listed until an action of the vendor was called."""
    answer: Literal["done", "silent", "task"] = "done"
    """To an insertion: 204 and there; 204 and there later; 202 with a task."""
    seconds: float = 0.0
    """Until an insertion shows, on metal."""
    image: Literal["url", "path", "name"] = "url"
    """What shows of a medium: the URL; without host; nothing but the ImageName."""
    empty: str | None = None
    """What an empty slot calls its image."""
    schemes: tuple[str, ...] = ("http", "https")
    """Of URLs that are taken; without ``https`` among them it knows no TLS."""
    keeps_cas: bool = False
    """Whether a slot keeps CAs of its own, and verifies by them once it is told to; all others
    verify by what they came with."""
    needs: tuple[str, ...] = ()
    """Parameters of an insertion that must be given beside the image."""
    needs_told: bool = False
    """Whether an ActionInfo says so."""


@dataclass(frozen=True)
class Habits:
    """Logins, writes, power and BIOS."""

    change_first: Literal["no", "told", "refused"] = "no"
    """Whether the factory password must be changed first: told with the session, or only by the
    refusal of everything else."""
    session_limit: Literal[503, 403] = 503
    """Status of a login when all sessions are taken."""
    etags: Literal["weak", "strong", "absent"] = "weak"
    if_match: bool = False
    """Whether a PATCH without If-Match is refused (428)."""
    resets: tuple[str, ...] = PLAIN_RESETS
    resets_told: Literal["listed", "action info"] = "listed"
    reset_conflict: bool = False
    """Whether a reset to the state that there is already is refused (409)."""
    reset_task: bool = False
    """Whether a reset is answered with 202 and a task."""
    task_seconds: float = 2.0
    """How long such tasks run, on metal."""
    targets: tuple[str, ...] = ("None", "Cd", "Hdd")
    """Boot override targets."""
    disc_target: str = "Cd"
    """The one that starts a medium; another CD is a drive that is not there."""
    http_boot: bool = False
    """Whether firmware takes a URL to start from, and CAs to verify it by."""
    override_at: Literal["system", "settings"] = "system"
    """Which resource takes the boot override."""
    once_kept: bool = False
    """Whether an override for one boot is stored as one that stays."""
    apply_time: Literal["", "offered", "required"] = "offered"
    """``required``: what is staged without an apply time never holds."""
    bios_task: bool = False
    """Whether staging is answered with a task that waits for the reset."""


@dataclass(frozen=True)
class LabPersonality:
    """All that tells one BMC from another."""

    name: str
    layout: Layout = field(default_factory=Layout)
    writing: Writing = field(default_factory=Writing)
    media: Media = field(default_factory=Media)
    habits: Habits = field(default_factory=Habits)


STANDARD = LabPersonality("standard")
"""A BMC as the standard has it, with no vendor's habits."""
