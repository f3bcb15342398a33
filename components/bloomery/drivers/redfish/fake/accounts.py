"""AccountService: accounts, the lock-out counter, password changes."""

from __future__ import annotations

from bloomery.drivers.redfish.fake.faults import Faults
from bloomery.drivers.redfish.fake.refusal import Refusal, missing
from bloomery.drivers.redfish.fake.state import Account, Board, opens, seal

PASSWORD_LENGTHS = (8, 20)
"""Shortest and longest password taken, as most vendors state (IPMI 2.0: 20 bytes)."""


ACCOUNTS = "/redfish/v1/AccountService/Accounts"

OPEN_TO_EXPIRED = (f"{ACCOUNTS}/", "/redfish/v1/SessionService/Sessions")
"""What an account is answered whose password must be changed first (DSP0266 13.2.5)."""


class Accounts:
    """Who may log in."""

    def __init__(self, board: Board, faults: Faults) -> None:
        self._board = board
        self._faults = faults
        self.attempts = 0
        """Logins tried since the emulator started, good and bad."""

    def names(self) -> tuple[str, ...]:
        """Account names in a stable order."""
        return tuple(sorted(self._board.state.accounts))

    def get(self, name: str) -> Account:
        """One account. Raises Refusal (404)."""
        account = self._board.state.accounts.get(name)
        if account is None:
            raise missing(f"/redfish/v1/AccountService/Accounts/{name}")
        return account

    def locked(self, name: str) -> bool:
        """Whether logins of an account are refused for now."""
        user = self._faults.option("account-locked", "user")
        if user is not None and user in ("", name):
            return True
        account = self._board.state.accounts.get(name)
        return account is not None and account.locked_until > self._board.clock()

    def login(self, name: str, password: str) -> None:
        """Check a login and count it. Raises Refusal (401)."""
        self.attempts += 1
        account = self._board.state.accounts.get(name)
        if self.locked(name):
            raise Refusal(401, "AccessDenied", f"The account {name} is locked out.")
        if account is None or not opens(account.sealed, password):
            if account is not None:
                self._count(account)
            raise Refusal(401, "ResourceAtUriUnauthorized", "User name or password is not valid.")
        if account.failures:
            account.failures = 0
            self._board.changed()

    def set_password(self, name: str, password: str) -> None:
        """Change a password; sessions stay. Raises Refusal (404, 400)."""
        account = self.get(name)
        low, high = PASSWORD_LENGTHS
        if not low <= len(password) <= high:
            text = f"The property Password takes {low} to {high} characters."
            raise Refusal(400, "PropertyValueFormatError", text, related="/Password")
        account.sealed = seal(password)
        account.must_change = False
        account.failures = 0
        self._board.changed()

    def expire(self, name: str) -> None:
        """Have the password changed before anything else, as on a machine from the factory."""
        self.get(name).must_change = True
        self._board.changed()

    def expired(self, name: str) -> bool:
        """Whether it must be."""
        return self.get(name).must_change

    def admit(self, name: str, path: str) -> None:
        """Let a logged-in account through to a path. Raises Refusal (403)."""
        if self.expired(name) and not path.startswith(OPEN_TO_EXPIRED):
            at = f"{ACCOUNTS}/{self.names().index(name) + 1}"
            text = f"The password of the account {at} must be changed before access is granted."
            raise Refusal(403, "PasswordChangeRequired", text)

    def unlock(self, name: str) -> None:
        """End a lock-out early (``Locked: false``)."""
        account = self.get(name)
        account.locked_until = 0.0
        account.failures = 0
        self._board.changed()

    def _count(self, account: Account) -> None:
        now = self._board.clock()
        rules = self._board.state.lockout
        if now - account.failed_at > rules.reset_after:
            account.failures = 0
        account.failures += 1
        account.failed_at = now
        if rules.threshold and account.failures >= rules.threshold:
            account.locked_until = now + rules.duration
            account.failures = 0
        self._board.changed()
