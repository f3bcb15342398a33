"""SessionService: tokens, the cap on sessions, and their end."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from bloomery.drivers.redfish.fake.accounts import Accounts
from bloomery.drivers.redfish.fake.faults import Faults
from bloomery.drivers.redfish.fake.refusal import Refusal, missing
from bloomery.drivers.redfish.fake.state import Board

SESSION_CAP = 8
"""Sessions at a time; common BMCs stop between 4 and 16, and users hit 8 most often."""


@dataclass
class Session:
    """One login."""

    id: str
    user: str
    token: str = field(repr=False)
    used: float
    """Last use, s since 1970."""


class Sessions:
    """The sessions that are open. They do not outlive the BMC."""

    def __init__(self, board: Board, accounts: Accounts, faults: Faults, limit: int = 503) -> None:
        """``limit`` is the HTTP status of a login when all sessions are taken."""
        self._board = board
        self._accounts = accounts
        self._faults = faults
        self._limit = limit
        self._open: dict[str, Session] = {}
        self._next = 1

    def open(self, user: str, password: str) -> Session:
        """Log in. Raises Refusal (401; 503 or 403 when all sessions are taken)."""
        self._accounts.login(user, password)
        if self._faults.has("sessions-full") or len(self.all()) >= SESSION_CAP:
            text = f"The maximum of {SESSION_CAP} sessions is reached."
            raise Refusal(self._limit, "SessionLimitExceeded", text, retry_after=30)
        token = secrets.token_hex(16)
        session = Session(str(self._next), user, token, self._board.clock())
        self._next += 1
        self._open[session.id] = session
        return session

    def use(self, token: str) -> Session:
        """The session of a token, kept alive by the use. Raises Refusal (401)."""
        for session in self.all():
            if secrets.compare_digest(session.token, token):
                session.used = self._board.clock()
                return session
        raise Refusal(401, "NoValidSession", "There is no valid session established.")

    def close(self, id_: str) -> None:
        """Log out. Raises Refusal (404)."""
        if self._open.pop(id_, None) is None:
            raise missing(f"/redfish/v1/SessionService/Sessions/{id_}")

    def get(self, id_: str) -> Session:
        """One open session. Raises Refusal (404)."""
        for session in self.all():
            if session.id == id_:
                return session
        raise missing(f"/redfish/v1/SessionService/Sessions/{id_}")

    def all(self) -> tuple[Session, ...]:
        """Open sessions; those idle too long are dropped first."""
        limit = self._board.clock() - self._board.state.session_timeout
        self._open = {key: one for key, one in self._open.items() if one.used >= limit}
        return tuple(self._open.values())

    def drop_all(self) -> None:
        """Forget every session, as a restart does."""
        self._open.clear()
