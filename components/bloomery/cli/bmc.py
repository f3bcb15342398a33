"""``bloomery bmc``: one BMC, read only."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bloomery.cli.bmc_login import Target, by_address, by_site
from bloomery.cli.bmc_recording import recording_place, write_recording
from bloomery.cli.bmc_tables import as_document, show, show_unpinned
from bloomery.cli.notes import console
from bloomery.drivers.redfish.certificate import Presented, presented
from bloomery.drivers.redfish.client import Dialer
from bloomery.drivers.redfish.protocol import Trust
from bloomery.drivers.redfish.recorder.crawl import MOST, SECONDS
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


@app.command()
def record(
    address: Address,
    out: Annotated[Path, typer.Argument(help="Folder, or file, to write the recording to.")],
    site: SiteOption = "",
    pin: Pin = "",
    user: User = "",
    password_file: PasswordFile = "",
    most: Annotated[int, typer.Option(help="Resources read at most.", min=1)] = MOST,
    seconds: Annotated[float, typer.Option(help="Seconds read at most.", min=1)] = SECONDS,
) -> None:
    """Record the tree of a BMC without identities and secrets, for a report or a test.

    Nothing is written to the BMC. Logs, schemas, sensors and sessions are left out. Serial numbers,
    UUIDs, MACs, addresses, names of hosts and accounts, asset tags, certificates and keys are
    replaced by others of the same form, the same everywhere in the file; passwords, tokens and
    licences are left empty. Read the file before it leaves the site all the same: what people
    wrote into free texts is replaced only where it repeats an identity.
    Exit code 0 when the tree was read whole, 1 when a bound left resources out, 2 as for look;
    nothing is written then.
    """
    screen = console(stderr=True)
    with _told():
        target = target_of(address, site, pin, user, password_file)
        if target.trust is None:
            _unpinned(target, as_json=False)
        place = recording_place(out)
        with closing(target.open()) as opened, screen.status("reading") as status:
            crawled = opened.crawl(
                most, seconds, lambda read, more: status.update(f"{read} read, {more} to follow")
            )
        file = write_recording(place, crawled, target.secrets)
    unread = f", {len(crawled.unread)} could not be read" if crawled.unread else ""
    left = f", {crawled.left} left out by --most or --seconds" if crawled.left else ""
    told = f"{file}: {len(crawled.resources)} resources{unread}{left}; identities replaced"
    console().print(told, soft_wrap=True, markup=False)
    if crawled.left:
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
