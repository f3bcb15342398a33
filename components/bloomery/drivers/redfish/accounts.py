"""Accounts of a BMC: find one, change its password."""

from __future__ import annotations

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish.answers import CHANGE_FIRST, extended, message_ids
from bloomery.drivers.redfish.session import account_in
from bloomery.drivers.redfish.tree import link, members
from bloomery.drivers.redfish.wire import Json, Wire
from bloomery.errors import Unsupported

USUAL = "/redfish/v1/AccountService/Accounts"
"""Where accounts are; asked when the way there is closed until the password is changed."""


def find(wire: Wire, root: Json, username: str) -> str:
    """Path of an account. Raises Unsupported where there is none.

    Before a first password change a BMC may answer for nothing but the account itself: the
    refusal then names it, or it is where OpenBMC has it, under its name.
    """
    where = link(root, "AccountService")
    if not where:
        raise Unsupported("the BMC has no account service")
    try:
        service = wire.get(where).body
        return _listed(wire, link(service, "Accounts"), username)
    except sushy_errors.AccessError as error:
        if not change_first(error):
            raise
        named = next((one for one in map(account_in, extended(error)) if one), "")
    try:
        return named or _listed(wire, USUAL, username)
    except sushy_errors.AccessError:
        return f"{USUAL}/{username}"


def _listed(wire: Wire, accounts: str, username: str) -> str:
    if not accounts:
        raise Unsupported("the BMC lists no accounts")
    for path in members(wire, accounts):
        if wire.get(path).body.get("UserName") == username:
            return path
    raise Unsupported(f"the BMC has no account '{username}'")


def change_first(error: sushy_errors.HTTPError) -> bool:
    """Whether a refusal says that the password must be changed before anything else."""
    return bool(CHANGE_FIRST.search(f"{error.detail} {' '.join(message_ids(error))}"))
