"""What one BMC is, told to people: which resources were taken, why each, and what it lacks.

Reads only. What cannot be read is told in its place and hides nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish import accounts
from bloomery.drivers.redfish.facts import Reading
from bloomery.drivers.redfish.protocol import Personality, SystemFacts
from bloomery.drivers.redfish.reasons import Taken, taken
from bloomery.drivers.redfish.session import Session
from bloomery.drivers.redfish.tree import NO_SESSION, STOPS, Tree, link, members, text
from bloomery.drivers.redfish.view import View
from bloomery.drivers.redfish.wire import Json, Wire
from bloomery.errors import DeviceError

T = TypeVar("T")


@dataclass(frozen=True)
class Root:
    """What the service root tells without a login."""

    vendor: str
    product: str
    redfish: str
    """Version of the specification it follows."""

    @classmethod
    def of(cls, body: Json) -> Root:
        """From the body of the service root."""
        return cls(text(body, "Vendor"), text(body, "Product"), text(body, "RedfishVersion"))


@dataclass(frozen=True)
class Description:
    """One BMC as it was read with one login."""

    root: Root
    account: str
    """Path of the account of the login; empty where none is found."""
    account_lack: str = ""
    """Why it is not found."""
    change_first: bool = False
    """Whether the password must be changed before anything else is answered."""
    systems: tuple[str, ...] = ()
    """Paths of all systems it lists."""
    trouble: str = ""
    """Why no system could be taken for the machine; what follows is then empty."""
    facts: SystemFacts | None = None
    personality: Personality | None = None
    parts: tuple[Taken, ...] = field(default=())
    """What was taken for each part of machine and personality, and why."""


def describe(wire: Wire, tree: Tree, session: Session, *, change_first: bool) -> Description:
    """Read what there is. Raises what the wire raises where the BMC itself is away."""
    root = Root.of(tree.root)
    account, account_lack = _try(lambda: _account(wire, tree, session))
    if change_first:
        return Description(root, account or "", account_lack, change_first=True)
    systems, _ = _try(lambda: members(wire, link(tree.root, "Systems")))
    view = View(wire, tree)
    found, trouble = _try(lambda: view.system)
    if found is None:
        return Description(
            root, account or "", account_lack, systems=tuple(systems or ()), trouble=trouble
        )
    return Description(
        root,
        account or "",
        account_lack,
        systems=tuple(systems or ()),
        facts=Reading(wire, view).facts(),
        personality=view.personality(),
        parts=taken(wire, view, tree.why),
    )


def _account(wire: Wire, tree: Tree, session: Session) -> str:
    return session.expired_account or accounts.find(wire, tree.root, session.username)


def _try(read: Callable[[], T]) -> tuple[T | None, str]:
    """What is read, or why it is not there."""
    try:
        return read(), ""
    except STOPS:
        raise
    except sushy_errors.HTTPError as error:
        if error.status_code == NO_SESSION:
            raise
        return None, f"HTTP {error.status_code}: {error.detail or 'no reason given'}"
    except DeviceError as error:
        return None, error.reason
