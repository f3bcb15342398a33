"""A login: a session where the BMC has them, basic authentication where it has none."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sushy import exceptions as sushy_errors

from bloomery.drivers.redfish.transport import OnceConnector
from bloomery.drivers.redfish.tree import link, members
from bloomery.drivers.redfish.wire import Json, Wire

ROOT = "/redfish/v1/"
"""Where every service begins (DSP0266 6.2)."""

USUAL = "/redfish/v1/SessionService/Sessions"
"""Where the sessions are if the root does not say so: DSP0266 13.3.4.1 names it."""

NO_SESSIONS = (404, 405, 501)
"""HTTP statuses of a POST to sessions that are not there."""

CHANGE_FIRST = "PasswordChangeRequired"
"""Message of DSP8011 that comes with the login of an account from the factory."""


ACCOUNT = re.compile(r"/redfish/v1/AccountService/Accounts/[^\s'\"]*[^\s'\".,]")
"""Path of an account in a message; the sentence may end right after it."""


class Session:
    """One login on one BMC."""

    def __init__(self, wire: Wire, connector: OnceConnector, username: str) -> None:
        self._wire = wire
        self._connector = connector
        self.username = username
        self.path = ""
        """Path of the session; empty without one."""
        self.token = ""
        self.expired_account = ""
        """Path of the account whose password must be changed first, where the login told it."""
        self.collection = ""
        """Where the sessions are; empty without one."""

    def open(self, root: Json, password: str) -> None:
        """Log in with one attempt. Raises what the wire raises."""
        named = link(root, "Links", "Sessions")
        if not named and not link(root, "SessionService"):
            self._basic(root, password)
            return
        try:
            login = {"UserName": self.username, "Password": password}
            answer = self._wire.post(named or USUAL, login)
        except sushy_errors.HTTPError as error:
            if error.status_code not in NO_SESSIONS:
                raise
            self._basic(root, password)
            return
        self.token = answer.headers.get("X-Auth-Token") or ""
        if not self.token:
            self._basic(root, password)
            return
        self.collection = named or USUAL
        self._connector.set_http_session_auth(self.token)
        self._remember(
            answer.headers.get("Location") or "", answer.json() if answer.content else {}
        )

    def _remember(self, place: str, body: object) -> None:
        said = body if isinstance(body, dict) else {}
        self.path = urlsplit(place or str(said.get("@odata.id") or "")).path
        for message in messages(said):
            if str(message.get("MessageId")).endswith(CHANGE_FIRST):
                self.expired_account = account_in(message)

    def _basic(self, root: Json, password: str) -> None:
        self._connector.set_http_basic_auth(self.username, password)
        self._wire.get(link(root, "Systems"))  # proves the password

    def end(self) -> None:
        """End it on the BMC."""
        path = self.path
        self.forget()
        if path:
            self._wire.delete(path)

    def forget(self) -> None:
        """It is gone, whoever ended it."""
        self.path = ""

    def others(self) -> list[str]:
        """Paths of this account's other sessions."""
        found = []
        for path in members(self._wire, self.collection) if self.collection else []:
            if path != self.path and self._wire.get(path).body.get("UserName") == self.username:
                found.append(path)
        return found


def messages(body: Json) -> list[Json]:
    """Extended information of an answer, of a success or of an error."""
    error = body.get("error")
    inner = error if isinstance(error, dict) else body
    listed = inner.get("@Message.ExtendedInfo")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def account_in(message: Json) -> str:
    """The account that a PasswordChangeRequired names as its argument; empty where it does not."""
    told = message.get("MessageArgs")
    first = str(told[0]) if isinstance(told, list) and told else ""
    found = ACCOUNT.search(f"{first} {message.get('Message')}")
    return found[0] if found else ""
