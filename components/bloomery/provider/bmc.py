"""One shared way to each BMC: one session, one login try per password, patience for 503.

Every reader of a BMC in this process goes through the same ``BmcLink``, so that a
flaky BMC is asked by one hand only and a lock-out is never caused by our own crowd.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from bloomery.drivers.redfish.protocol import Bmc
from bloomery.errors import Busy, CredentialRefused, LockedOut, SessionEnded, Unreachable
from bloomery.plan.model import NodePlan
from bloomery.provider.context import Context
from bloomery.provider.journal import Journal, utc_now
from bloomery.trust.factory import factory_login
from bloomery.trust.keys import bmc_password

T = TypeVar("T")

FACTORY = 0
"""Key epoch that stands for the factory password."""

DEFAULT_ACCOUNT = "admin"
"""Account used where the factory list has no entry for the machine any more."""

LOCKOUT_WINDOW = 600.0
"""Seconds in which failed logins add up on common BMCs; two are the most we risk."""

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
        if self._bmc is not None:
            return self.epoch
        self._respect_window()
        refused: list[str] = []
        for epoch in self._candidates():
            try:
                await self._open(epoch)
                return epoch
            except CredentialRefused:
                refused.append("the factory password" if epoch == FACTORY else f"epoch {epoch}")
        self.journal.write(
            "credentials", "stuck", reason="refused", account=self.account, tries=len(refused)
        )
        raise CredentialRefused(
            f"BMC refused {' and '.join(refused)}",
            subject=self.node.name,
            next_step="set the account's password to the factory one, then pulumi up",
        )

    def _candidates(self) -> tuple[int, ...]:
        verified = self.journal.number("credentials", "verified", "epoch")
        wanted = self.node.key_epoch
        if not verified:
            return (wanted, FACTORY)
        return (verified,) if verified == wanted else (verified, wanted)

    def _respect_window(self) -> None:
        entry = self.journal.last("credentials", "stuck", "verified")
        if entry is None or entry.event != "stuck" or entry.reason != "refused":
            return
        age = (utc_now() - datetime.datetime.fromisoformat(entry.t)).total_seconds()
        left = LOCKOUT_WINDOW * self.context.patience - age
        if left > 0:
            raise LockedOut(
                "two logins were refused; not tried again within the lock-out window",
                subject=self.node.name,
                next_step=f"pulumi up in {left:.0f} s",
            )

    async def _open(self, epoch: int) -> None:
        account, password = self._password(epoch)
        trust, address = self.context.trust(self.node), self.node.bmc.address
        connect = self.context.connect
        attempt = 0
        while True:
            try:
                self._bmc = await self.context.budgets.bmc(
                    lambda: connect(address, trust, account, password)
                )
                self.epoch, self.account, self._silent = epoch, account, 0
                return
            except (Busy, Unreachable) as error:
                await self._pause(attempt, error)
                attempt += 1

    def _password(self, epoch: int) -> tuple[str, str]:
        context, identity = self.context, self.node.identity
        if epoch == FACTORY:
            return factory_login(
                context.secret, context.site, context.state.factory, identity.chassis_serial
            )
        try:
            account, _ = factory_login(
                context.secret, context.site, context.state.factory, identity.chassis_serial
            )
        except CredentialRefused:
            account = DEFAULT_ACCOUNT
        return account, bmc_password(context.secret, identity.system_uuid, epoch)

    async def _pause(self, attempt: int, error: Exception) -> None:
        self._silent += 1
        if self._silent > BREAKER_LIMIT:
            raise error
        pause = BACKOFF[min(attempt, len(BACKOFF) - 1)] * self.context.patience
        await asyncio.sleep(max(SHORTEST, pause))

    async def call(self, ask: Callable[[Bmc], T]) -> T:
        """Ask the BMC, waiting out 503 and silence. The caller's phase sets the limit."""
        attempt = 0
        while True:
            try:
                return await self._once(ask)
            except (Busy, Unreachable) as error:
                await self._pause(attempt, error)
                attempt += 1

    async def _once(self, ask: Callable[[Bmc], T]) -> T:
        async with self._turn:
            if self._bmc is None:
                await self._open(self.epoch)
            bmc = self._bmc
            if bmc is None:
                raise Unreachable("no session", subject=self.node.name)
            try:
                answer = await self.context.budgets.bmc(lambda: ask(bmc))
            except SessionEnded:
                self._bmc = None  # a restarted BMC forgets its sessions: log in once more
                raise
            self._silent = 0
            return answer

    async def change_password(self, epoch: int) -> None:
        """Set the derived password of ``epoch`` and prove it by a fresh login."""
        account, password = self._password(epoch)
        await self.call(lambda bmc: bmc.set_password(self.account or account, password))
        await self.close()
        await self._open(epoch)

    async def close(self) -> None:
        """End the session, so that none is left on the BMC."""
        bmc, self._bmc = self._bmc, None
        if bmc is not None:
            await self.context.budgets.bmc(bmc.close)


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
