"""``bloomery bmc``: one BMC, read only."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer

from bloomery.cli.bmc_login import Target, by_address, by_site
from bloomery.cli.bmc_tables import as_document, show, show_unpinned
from bloomery.cli.notes import console
from bloomery.drivers.redfish.certificate import Presented, presented
from bloomery.drivers.redfish.client import Dialer
from bloomery.drivers.redfish.protocol import Trust
from bloomery.errors import BloomeryError, InputError
from bloomery.provider.phases.node.prospects import prospects

app = typer.Typer(no_args_is_help=True, help="One BMC, read only: what it is and what it can do.")

Address = Annotated[
    str, typer.Argument(help="host or host:port of a BMC; with --site, the name of a machine.")
]
SiteOption = Annotated[
    str, typer.Option("--site", help="Site that has the machine: gives address, trust and login.")
]
Pin = Annotated[str, typer.Option(metavar="SHA256", help="Fingerprint of the BMC's certificate.")]
User = Annotated[str, typer.Option(help="Account; else admin, or that of the site.")]
PasswordFile = Annotated[
    str,
    typer.Option(
        metavar="FILE", help="File with the password; - is standard input. Else it is asked for."
    ),
]


@app.callback()
def bmc() -> None:
    """One BMC, read only: what it is and what it can do."""


@app.command()
def look(
    address: Address,
    site: SiteOption = "",
    pin: Pin = "",
    user: User = "",
    password_file: PasswordFile = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show what a BMC is, how it would be spoken to and why, and which phases would work.

    Nothing is written to it. Without a pin its certificate and what it tells everybody are shown,
    and nothing secret is sent; with ``--site SITE MACHINE`` the plan gives address, pin (or site
    CA) and login.
    Exit code 0 when every phase would work, 1 when some would not, 2 when the input is at fault,
    the certificate is not the expected one, or the BMC gives no answer.
    """
    with _told():
        target = target_of(address, site, pin, user, password_file)
        if target.trust is None:
            _unpinned(target, as_json=as_json)
        with closing(target.open()) as opened:
            found = opened.describe()
    judged = prospects(found, target.sought)
    if as_json:
        sys.stdout.write(json.dumps(as_document(target.address, found, judged), indent=1) + "\n")
    else:
        show(console(), target.address, found, judged)
    if any(one.works != "yes" for one in judged):
        raise typer.Exit(1)


def target_of(address: str, site: str, pin: str, user: str, password_file: str) -> Target:
    """Which BMC is meant. Raises InputError."""
    if not site:
        return by_address(address, pin, user, password_file)
    if pin:
        raise InputError("--pin and --site are two ways to know a BMC: give one", subject=address)
    return by_site(site, address, user, password_file)


@contextmanager
def _told() -> Iterator[None]:
    """A BMC that cannot be asked is a fault of what was typed: exit code 2, one reason."""
    try:
        yield
    except InputError:
        raise
    except BloomeryError as error:
        raise InputError(error.reason, subject=error.subject, next_step=error.next_step) from error


def _unpinned(target: Target, *, as_json: bool) -> None:
    """Show the pin that would be needed. Raises Exit: nothing more is asked."""
    seen: Presented = presented(target.address)
    root = Dialer().root(target.address, Trust(cert_sha256=seen.sha256))
    show_unpinned(console(stderr=as_json), target.address, seen, root)
    raise InputError(
        "the certificate is not pinned, so no login was sent",
        subject=target.address,
        next_step=f"compare the fingerprint with the BMC's own, then --pin {seen.sha256}",
    )
