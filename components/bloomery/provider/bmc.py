"""One shared way to each BMC: one session, one login try per password, patience for 503.

Every reader of a BMC in this process goes through the same ``BmcLink``, so that a
flaky BMC is asked by one hand only and a lock-out is never caused by our own crowd.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from bloomery.drivers.redfish.protocol import Bmc
from bloomery.errors import Busy, CredentialRefused, LockedOut, SessionEnded, Unreachable
from bloomery.plan.model import NodePlan
from bloomery.provider.bmc_access import login_of, sought
from bloomery.provider.context import Context
from bloomery.provider.drivers import REDFISH
from bloomery.provider.journal import Journal
from bloomery.provider.logins import FACTORY, Logins

T = TypeVar("T")

BACKOFF = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between tries of a busy or silent BMC on metal; the last one repeats."""

SHORTEST = 0.2
"""Seconds between tries where patience is short."""

BREAKER_LIMIT = 120
"""Silent calls in a row after which the BMC is left alone for this operation."""


@dataclass
class BmcLink:
    """The session with one BMC, shared by all that need it."""

    context: Context
    node: NodePlan
    users: int = 0
    epoch: int = -1
    """Key epoch that opened the session; ``FACTORY`` for the factory password."""
    account: str = ""
    expired: bool = False
    """Whether the BMC answers nothing until the password is changed."""
    trouble: str = ""
    """Why the last call got no answer; empty once one did."""
    _bmc: Bmc | None = None
    _silent: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def journal(self) -> Journal:
        """Journal of the machine."""
        return self.context.journal(self.node.name)

    async def login(self) -> int:
        """Open the session with the first password that is accepted; returns its epoch.

        At most two passwords are tried. Raises CredentialRefused or LockedOut, and
        refuses to try again within the lock-out window.
        """
        async with self._turn:
            if self._bmc is None:
                await self._log_in()
            return self.epoch

    async def _log_in(self) -> None:
        logins = Logins(self.journal)
        candidates = logins.candidates(self.node.key_epoch)
        if not candidates:
            raise LockedOut(
                "logins were refused; not retried within the lock-out window",
                subject=self.node.name,
                next_step=f"pulumi up in {logins.wait():.0f} s",
            )
        refused: list[str] = []
        for epoch in candidates:
            try:
                await self._open(epoch)
                return
            except CredentialRefused as error:
                refused.append(f"{_name(epoch)} ({error.reason})")
        raise CredentialRefused(
            f"BMC refused {' and '.join(refused)}",
            subject=self.node.name,
            next_step="set the account's password to the factory one, then pulumi up",
        )

    async def _open(self, epoch: int) -> None:
        account, password = self._password(epoch)
        attempt = 0
        while True:
            try:
                await self._blocking(lambda: self._dial(epoch, account, password))
                self._silent, self.trouble = 0, ""
                return
            except (Busy, Unreachable) as error:
                await self._pause(attempt, error)
                attempt += 1

    def _dial(self, epoch: int, account: str, password: str) -> None:
        """One login. What came of it is kept even when nobody waits for it any more."""
        logins, trust = Logins(self.journal), self.context.trust(self.node)
        try:
            connect = self.context.drivers.client(REDFISH)
            bmc = self.node.bmc.address
            self._bmc = connect(bmc, trust, account, password, sought(self.node))
        except CredentialRefused:
            logins.refused(epoch, account)
            raise
        self.epoch, self.account = epoch, account
        logins.accepted(epoch)
        self.expired = self._bmc.password_expired()
        if not self.expired:
            self._bmc.end_other_sessions()

    def _password(self, epoch: int) -> tuple[str, str]:
        context = self.context
        return login_of(context.secret, context.site, context.state, self.node, epoch)

    async def _pause(self, attempt: int, error: Busy | Unreachable) -> None:
        self._silent, self.trouble = self._silent + 1, error.reason
        if self._silent > BREAKER_LIMIT:
            raise error
        pause = BACKOFF[min(attempt, len(BACKOFF) - 1)] * self.context.patience
        await asyncio.sleep(max(SHORTEST, pause))

    async def call(self, ask: Callable[[Bmc], T]) -> T:
        """Ask the BMC, waiting out 503 and silence. The caller's phase sets the limit."""
        attempt = 0
        while True:
            try:
                return await self.once(ask)
            except (Busy, Unreachable) as error:
                await self._pause(attempt, error)
                attempt += 1

    async def once(self, ask: Callable[[Bmc], T]) -> T:
        """Ask the BMC one time; Busy and Unreachable are the caller's to judge."""
        async with self._turn:
            bmc = await self._session()
            try:
                answer = await self._blocking(lambda: ask(bmc))
            except SessionEnded:
                self._bmc = None  # a restarted BMC forgets its sessions: log in once more
                raise
            self._silent, self.trouble = 0, ""
            return answer

    async def _session(self) -> Bmc:
        if self._bmc is None and self.epoch < 0:
            await self._log_in()
        elif self._bmc is None:
            await self._open(self.epoch)
        if self._bmc is None:
            raise Unreachable("no session", subject=self.node.name)
        return self._bmc

    async def change_password(self, epoch: int) -> None:
        """Set the derived password of ``epoch`` and prove it by a fresh login."""
        account, password = self._password(epoch)
        await self.call(lambda bmc: bmc.set_password(self.account or account, password))
        async with self._turn:
            await self.close()
            await self._open(epoch)

    async def close(self) -> None:
        """End the session, so that none is left on the BMC."""
        bmc, self._bmc = self._bmc, None
        if bmc is not None:
            await self._blocking(bmc.close)

    async def _blocking(self, call: Callable[[], T]) -> T:
        return await self.context.drivers.blocking(REDFISH, call)


def _name(epoch: int) -> str:
    return "the factory password" if epoch == FACTORY else f"the password of epoch {epoch}"


class BmcLinks:
    """The links of one provider process, by machine."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._links: dict[str, BmcLink] = {}

    @asynccontextmanager
    async def link(self, node: NodePlan) -> AsyncIterator[BmcLink]:
        """Share the link of ``node``; the last user closes its session."""
        key = node.identity.system_uuid
        link = self._links.setdefault(key, BmcLink(self._context, node))
        link.users += 1
        try:
            yield link
        finally:
            link.users -= 1
            if not link.users:
                self._links.pop(key, None)
                await asyncio.shield(link.close())
