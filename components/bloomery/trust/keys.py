"""BMC passwords and SSH keys, each derived and never stored."""

from __future__ import annotations

import base64
import hashlib
import textwrap
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from bloomery.trust.secret import SiteSecret

BMC_PASSWORD_LENGTH = 20
"""Longest password every vendor takes (IPMI 2.0 limits passwords to 20 bytes)."""

CHARACTER_KINDS = "-7zQ"
"""One of each kind of character: the 80 random bits before it may lack one."""


CHECK = slice(98, 106)
"""Where an unencrypted Ed25519 key of OpenSSH's format has its check number, twice: 15 bytes of
magic, the names of cipher and derivation, the public key and the length before it."""

ARMOUR_WIDTH = 70
"""Characters in a line of OpenSSH's armour."""


@dataclass(frozen=True)
class SshKey:
    """An Ed25519 key pair."""

    private: str = field(repr=False)
    """OpenSSH private key."""
    public: str
    """``ssh-ed25519 AAAA...`` without a comment."""


def bmc_password(secret: SiteSecret, machine: str, epoch: int) -> str:
    """Password of bloomery's account on one BMC; ``machine`` is the system UUID.

    Upper and lower case, digits and a sign are always there: vendors insist on them.
    """
    raw = base64.b32encode(secret.derive("bmc", machine, epoch)).decode()
    half = (BMC_PASSWORD_LENGTH - len(CHARACTER_KINDS)) // 2
    return f"{raw[:half]}{raw[half : 2 * half].lower()}{CHARACTER_KINDS}"


def _ssh_key(seed: bytes) -> SshKey:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return SshKey(_repeatable(private, public), public)


def _repeatable(private: str, public: str) -> str:
    """The private key with a check number that depends on the public one instead of on chance.

    A medium that is offered again after its reader got half of it must hold the same bytes.
    """
    begin, *lines, end = private.splitlines()
    data = bytearray(base64.b64decode("".join(lines)))
    data[CHECK] = hashlib.sha256(public.encode()).digest()[:4] * 2
    armour = textwrap.wrap(base64.b64encode(data).decode(), ARMOUR_WIDTH)
    return "\n".join([begin, *armour, end]) + "\n"


def host_key(secret: SiteSecret, machine: str, epoch: int) -> SshKey:
    """SSH host key of one machine, known before its first boot."""
    return _ssh_key(secret.derive("ssh-host", machine, epoch))


def login_key(secret: SiteSecret, site: str, epoch: int) -> SshKey:
    """Key bloomery logs in with on every host of the site."""
    return _ssh_key(secret.derive("ssh-login", site, epoch))


def disk_recovery_key(secret: SiteSecret, machine: str, generation: int) -> str:
    """Passphrase that opens an encrypted OS disk when the TPM does not: 256 bits in hex.

    Of an installation, not of a key epoch: a new epoch lays no disk anew.
    """
    return secret.derive("disk-recovery", machine, generation).hex()


def medium_key(secret: SiteSecret, site: str) -> Ed25519PrivateKey:
    """Key that signs the manifests of the site's installation media."""
    return Ed25519PrivateKey.from_private_bytes(secret.derive("medium", site, 1))


def signing_key(secret: SiteSecret, site: str) -> Ed25519PrivateKey:
    """Key that signs the site's evidence."""
    return Ed25519PrivateKey.from_private_bytes(secret.derive("evidence", site, 1))
