"""What the rest of bloomery asks of ssh: is this host the one, and what is on it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

AT_ONCE = 64
"""Logins at once; each costs a key exchange of some milliseconds of CPU."""

INSTALL_RECORD = "/etc/bloomery/install.json"
"""Written by the installation: ``{"site","node","generation","image"}``."""


@dataclass(frozen=True)
class Login:
    """How to reach one host and know it."""

    address: str
    port: int
    user: str
    host_key: str
    """Public host key line that must be presented."""
    private_key: str = field(repr=False)
    """Private key in OpenSSH format."""


@dataclass(frozen=True)
class HostFacts:
    """What a host that answered says of its installation."""

    node: str
    site: str
    generation: int
    image: str
    booted: bool
    """``systemctl is-system-running`` says running or degraded."""
    root: tuple[str, ...] = ()
    """Kinds of the block devices that the root file system stands on (``lsblk -s``), each as often
    as there are, sorted: ``crypt``, ``disk``, ``part``, ``raid1``. Empty: not to be had."""
    secure_boot: bool | None = None
    """Whether its firmware enforces Secure Boot; None: not to be had."""


class Probe(Protocol):
    """Logs in once with strict host key checking and reads the install record."""

    def __call__(self, login: Login, timeout: float) -> HostFacts:
        """Raises Unreachable (no answer, refused), NotTrusted (other host key),
        CredentialRefused (our key is not known), UnknownState (no install record)."""
