"""What a BMC remembers over a restart of the emulator, as one JSON-able document.

Sessions are left out on purpose: a BMC that restarts has none.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

HASH_ROUNDS = 2000
"""PBKDF2 rounds. Low: the guarded passwords are random, and a lab logs in often."""


class Account(BaseModel):
    """One BMC account."""

    sealed: str
    """Salted hash of the password; the password itself is never kept."""
    role: str = "Administrator"
    failures: int = 0
    """Refused logins in a row."""
    failed_at: float = 0.0
    """Time of the last refused login, s since 1970."""
    locked_until: float = 0.0
    """End of the lock-out, s since 1970."""
    must_change: bool = False
    """Whether the password must be changed before anything else is answered."""


class Lockout(BaseModel):
    """AccountService's lock-out settings. Defaults as shipped on common servers."""

    threshold: int = 5
    duration: float = 300.0
    """How long an account stays locked, s."""
    reset_after: float = 300.0
    """Quiet time that forgets failures, s."""


OverrideEnabled = Literal["Disabled", "Once", "Continuous"]
"""Redfish BootSourceOverrideEnabled."""


class Override(BaseModel):
    """Boot source override."""

    target: str = "None"
    enabled: OverrideEnabled = "Disabled"
    uri: str = ""
    """What the target UefiHttp starts from."""


class BiosState(BaseModel):
    """BIOS attributes in force, and those that wait for a reset."""

    now: dict[str, str]
    pending: dict[str, str] = Field(default_factory=dict)
    timeless: bool = False
    """Whether they were staged without the time to apply them that the BMC needs."""


FirmwareTarget = Literal["BMC", "BIOS"]
"""Firmware that can be updated."""


class TaskState(BaseModel):
    """A firmware update as a Redfish Task; its progress follows from the clock."""

    id: str
    target: FirmwareTarget
    image: str
    version: str
    started: float
    """s since 1970."""
    seconds: float
    """How long transfer and check take, s."""
    applied: float = 0.0
    """When the reset applied it, s since 1970; 0 while it waits."""
    failure: str = ""
    """Why it failed; empty while all is well."""


class ActiveFault(BaseModel):
    """A fault in force with its options as text."""

    name: str
    options: dict[str, str] = Field(default_factory=dict)

    def __str__(self) -> str:
        given = (f"{key}={value}" for key, value in self.options.items() if value)
        return " ".join((self.name, *given))


class BmcState(BaseModel):
    """Everything that outlives the emulator."""

    format: Literal[1] = 1
    accounts: dict[str, Account]
    lockout: Lockout = Field(default_factory=Lockout)
    session_timeout: int = 1800
    """Idle time after which a session ends, s."""
    bios: BiosState
    boot: Override = Field(default_factory=Override)
    asset_tag: str = ""
    media: dict[str, str] = Field(default_factory=dict)
    """Slot -> URL."""
    media_from: dict[str, float] = Field(default_factory=dict)
    """Slot -> when its medium shows, s since 1970; from the start where left out."""
    media_cas: dict[str, list[str]] = Field(default_factory=dict)
    """Slot -> CAs it was given, PEM, in the order they came; their Ids count from 1."""
    media_verify: list[str] = Field(default_factory=list)
    """Slots that were told to verify by them."""
    media_enabled: bool = False
    """Whether the vendor's action that makes slots appear was called."""
    firmware: dict[str, str]
    """BMC and BIOS versions in force."""
    tasks: list[TaskState] = Field(default_factory=list)
    certificate: str = ""
    """Certificate and key that replaced the first one, PEM; empty otherwise."""
    faults: list[ActiveFault] = Field(default_factory=list)


@dataclass
class Board:
    """What the nouns of one BMC share."""

    state: BmcState
    clock: Callable[[], float]
    """Seconds since 1970."""
    time_factor: float
    """Scale of the hardware's own delays; 1 is as slow as metal."""
    changed: Callable[[], None]
    """Called after each change of ``state``."""


def seal(password: str) -> str:
    """Salted hash of a password, ``salt$hash`` in hex."""
    salt = secrets.token_bytes(8)
    return f"{salt.hex()}${_hash(password, salt).hex()}"


def opens(sealed: str, password: str) -> bool:
    """Whether ``password`` is the one behind ``sealed``."""
    salt, _, digest = sealed.partition("$")
    return hmac.compare_digest(_hash(password, bytes.fromhex(salt)).hex(), digest)


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, HASH_ROUNDS)


def factory_accounts(users: Mapping[str, str], *, must_change: bool = False) -> dict[str, Account]:
    """Accounts as they leave the factory."""
    return {
        name: Account(sealed=seal(password), must_change=must_change)
        for name, password in users.items()
    }
