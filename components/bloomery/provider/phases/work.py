"""What the phases of one node share while it is being brought up."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from bloomery.drivers.redfish.protocol import Bmc, SystemFacts
from bloomery.drivers.ssh.protocol import HostFacts
from bloomery.errors import BloomeryError, Busy, Unreachable
from bloomery.plan.model import NodePlan
from bloomery.provider.bmc import BmcLink
from bloomery.provider.context import Context
from bloomery.provider.journal import Journal

T = TypeVar("T")

TELL_EVERY = 15.0
"""Seconds between two progress lines of one wait."""

PROBE_TIMEOUT = 8.0
"""Seconds for one ssh login: sshd's own MaxStartups delays stay under it."""


@dataclass(frozen=True)
class NodeSetting:
    """What a Node resource knows beside its plan."""

    site: str
    on_delete: str
    controller_oob: str


class Stuck(BloomeryError):
    """The node stays where it is; says where, why and what next.

    ``mute``: it never answered as it should, which an unfinished installation explains.
    """

    def __init__(self, phase: str, reason: str, next_step: str, *, mute: bool = False) -> None:
        super().__init__(reason, next_step=next_step)
        self.phase = phase
        self.mute = mute


@dataclass
class Work:
    """One node, one operation."""

    context: Context
    urn: str
    node: NodePlan
    setting: NodeSetting
    link: BmcLink
    found: int = 0
    """Install generation found on the machine or in the journal."""
    alive: HostFacts | None = None
    """What the host said, when it answered with its derived key."""
    unproven: bool = False
    """An installation was begun and no system of it has answered yet."""
    watched: bool = False
    """Its end was seen in this operation: the machine switched itself off."""
    power: str = "unknown"
    """Power state as last read."""
    phase: str = "identify"
    reason: str = ""
    next_step: str = ""
    seed_url: str = field(default="", repr=False)
    clock: asyncio.Timeout | None = None
    """Time limit of the running phase."""
    _told: float = field(default=0.0)

    @property
    def journal(self) -> Journal:
        """Journal of the machine."""
        return self.context.journal(self.node.name)

    @property
    def install_id(self) -> str:
        """Short digest of machine and wanted install generation."""
        return install_id(self.node)

    def tag(self, generation: int, suffix: str = "") -> str:
        """Marker of a generation, as kept in the system's asset tag."""
        return f"bloomery/{self.setting.site}/g{generation}{suffix}"

    async def ask(self, call: Callable[[Bmc], T]) -> T:
        """Ask the BMC through the shared link."""
        return await self.link.call(call)

    async def facts(self) -> SystemFacts:
        """Everything the BMC says of the machine, now."""
        facts = await self.ask(lambda bmc: bmc.facts())
        self.power = facts.power
        return facts

    async def probe(self) -> HostFacts:
        """One ssh login with the derived host key."""
        login = self.context.login(self.node)
        return await self.context.budgets.probe(lambda: self.context.probe(login, PROBE_TIMEOUT))

    async def waiting(self, reason: str, next_step: str) -> None:
        """Remember why we wait, and say so from time to time."""
        self.reason, self.next_step = reason, next_step
        now = time.monotonic()
        if now - self._told > TELL_EVERY:
            self._told = now
            line = f"{self.node.name} {self.phase}: {reason}; next: {next_step}"
            await self.context.log.status(self.urn, line)

    async def until(
        self, done: Callable[[], Awaitable[bool]], every: float, reason: str, next_step: str
    ) -> None:
        """Poll ``done``; a silent or busy device counts as not yet."""
        while True:
            try:
                if await done():
                    return
                await self.waiting(reason, next_step)
            except (Busy, Unreachable) as error:
                await self.waiting(f"{reason}; {error.reason}", next_step)
            await asyncio.sleep(every)

    @asynccontextmanager
    async def place(self, budget: asyncio.Semaphore) -> AsyncIterator[None]:
        """Hold a place in a budget; the phase's clock stands still while it waits for one."""
        clock, now = self.clock, asyncio.get_running_loop().time
        ends = clock.when() if clock else None
        left = ends - now() if ends is not None else None
        if clock:
            clock.reschedule(None)
        if budget.locked():
            await self.waiting("waiting for its turn", "nothing: others are being worked on")
        async with budget:
            if clock and left is not None:
                clock.reschedule(now() + left)
            yield


def install_id(node: NodePlan) -> str:
    """Short digest of machine and install generation: changes when it is reinstalled."""
    text = f"{node.identity.system_uuid}|{node.install_generation}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
