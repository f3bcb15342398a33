"""Which BMC a command means, how it is known, and with what it is logged in to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import typer
from pydantic import TypeAdapter, ValidationError

from bloomery.drivers.redfish.client import Dialer, RedfishBmc
from bloomery.drivers.redfish.protocol import ANY, Sought, Trust
from bloomery.errors import CredentialRefused, Fault, FaultsError, InputError, LockedOut
from bloomery.plan import make_plan
from bloomery.plan.model import NodePlan
from bloomery.provider.bmc_access import DEFAULT_ACCOUNT, login_of, sought, trust_of
from bloomery.provider.journal import Journal
from bloomery.provider.logins import Logins
from bloomery.site import find_site, load
from bloomery.site.reading.fault_texts import suggest, tell
from bloomery.site.types.part import Part
from bloomery.site.types.text_types import Fingerprint
from bloomery.statedir import StateDir
from bloomery.trust.secret import open_secret

STDIN = "-"
"""Name that stands for standard input."""


@dataclass(frozen=True)
class Login:
    """One account and password that may be tried once."""

    account: str
    password: str = field(repr=False)
    refused: Callable[[], None] = lambda: None
    """To be called where the BMC refuses it, so that refusals never add up to a lock-out."""


@dataclass
class Target:
    """One BMC."""

    address: str
    trust: Trust | None
    """None: its certificate is not known yet, so nothing secret is sent to it."""
    sought: Sought = ANY
    """The machine as a delivery list has it."""
    logins: Callable[[], Sequence[Login]] = tuple
    """What to try, best first; asks for a password only when it is called."""
    secrets: list[str] = field(default_factory=list, repr=False)
    """Passwords that were tried: they must not stand in what is written."""

    def open(self) -> RedfishBmc:
        """Log in. Raises InputError where its certificate is not known, and what a login raises."""
        if self.trust is None:
            raise InputError("the certificate is not pinned: no login", subject=self.address)
        refusal: CredentialRefused | None = None
        for login in self.logins():
            self.secrets.append(login.password)
            try:
                return Dialer()(
                    self.address, self.trust, login.account, login.password, self.sought
                )
            except CredentialRefused as error:
                login.refused()
                refusal = error
        raise refusal or LockedOut(
            "logins were refused; not retried within the lock-out window", subject=self.address
        )


def by_address(address: str, pin: str, user: str, password_file: str) -> Target:
    """A BMC that no site has to know. Raises FaultsError with everything that is wrong."""
    faults = [*_address_faults(address), *_pin_faults(pin)]
    if faults:
        raise FaultsError(faults)
    trust = Trust(cert_sha256=pin) if pin else None
    account = user or DEFAULT_ACCOUNT
    return Target(
        address, trust, logins=lambda: [Login(account, _password(account, address, password_file))]
    )


def by_site(site: str, machine: str, user: str, password_file: str) -> Target:
    """The BMC of a machine of a plan, with the site's pin or CA, and its derived passwords."""
    plan = make_plan(load(find_site(site)))
    node = next((one for one in plan.metal.nodes if one.name == machine), None)
    if node is None:
        hint = suggest(machine, [one.name for one in plan.metal.nodes], "machines")
        raise FaultsError([Fault(site, 0, "ADDRESS", f"unknown machine {machine!r}", hint)])
    state, address = StateDir.of(plan.site.name, os.environ), node.bmc.address
    account = user or DEFAULT_ACCOUNT

    def given() -> Sequence[Login]:
        return [Login(account, _password(account, address, password_file))]

    def derived() -> Sequence[Login]:
        return _derived(plan.site.name, state, node)

    logins = given if user or password_file else derived
    return Target(address, trust_of(state, node), sought(node), logins)


def _derived(site: str, state: StateDir, node: NodePlan) -> list[Login]:
    """As ``pulumi up`` would log in, and as careful: what is refused is remembered."""
    secret, tried = open_secret(state.secret), Logins(Journal(state.journal, node.name))
    found: list[Login] = []
    for epoch in tried.candidates(node.key_epoch):
        account, password = login_of(secret, site, state, node, epoch)
        found.append(Login(account, password, lambda e=epoch, a=account: tried.refused(e, a)))  # type: ignore[misc]
    return found


def _address_faults(address: str) -> list[Fault]:
    hint = "host or host:port, as in 10.0.8.11 or 10.0.8.11:8443"
    try:
        place = urlsplit(f"https://{address}")
        good = place.netloc == address and bool(place.hostname) and place.port != 0
        good = good and place.username is None and not set(address) & set(" \t\\")
    except ValueError:
        good = False
    return [] if good else [_fault("ADDRESS", f"{address!r} is no address of a BMC", hint)]


def _pin_faults(pin: str) -> list[Fault]:
    try:
        TypeAdapter(Fingerprint).validate_python(pin)
    except ValidationError as error:
        return [_fault("--pin", reason, hint) for _, reason, hint in tell(Part, error)]
    return []


def _fault(path: str, reason: str, hint: str) -> Fault:
    return Fault("(command line)", 0, path, reason, hint)


def _password(account: str, address: str, file: str) -> str:
    """From a file, from standard input, or typed unseen; never from the command line."""
    if file:
        text = sys.stdin.read() if file == STDIN else _text(file)
        password = text.split("\n", 1)[0].rstrip("\r")
    elif sys.stdin.isatty():
        password = str(typer.prompt(f"password of {account} on {address}", hide_input=True))
    else:
        raise InputError(
            "no password is given",
            subject=address,
            next_step="--password-file FILE, /dev/fd/N or - for standard input",
        )
    if not password:
        raise InputError("the password is empty", subject=file or address)
    return password


def _text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise InputError(f"cannot be read: {reason}", subject=file) from error
