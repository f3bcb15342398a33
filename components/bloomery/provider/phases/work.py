"""What the phases of one node share while it is being brought up."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bloomery.drivers.redfish.protocol import Bmc, SystemFacts
from bloomery.drivers.ssh.protocol import HostFacts
from bloomery.errors import BloomeryError, Unreachable
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
    """The node stays where it is; says where, why and what next."""

    def __init__(self, phase: str, reason: str, next_step: str) -> None:
        super().__init__(reason, next_step=next_step)
        self.phase = phase


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
    """An installation was begun and nobody has seen its end."""
    phase: str = "identify"
    reason: str = ""
    next_step: str = ""
    seed_url: str = ""
    _told: float = field(default=0.0)

    @property
    def journal(self) -> Journal:
        """Journal of the machine."""
        return self.context.journal(self.node.name)

    @property
    def install_id(self) -> str:
        """Short digest of machine and wanted install generation."""
        return install_id(self.node)

    def tag(self, suffix: str = "") -> str:
        """Marker of the wanted generation, as kept in the system's asset tag."""
        return f"bloomery/{self.setting.site}/g{self.node.install_generation}{suffix}"

    async def ask(self, call: Callable[[Bmc], T]) -> T:
        """Ask the BMC through the shared link."""
        return await self.link.call(call)

    async def facts(self) -> SystemFacts:
        """Everything the BMC says of the machine, now."""
        return await self.ask(lambda bmc: bmc.facts())

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
            except Unreachable as error:
                await self.waiting(f"{reason}; {error.reason}", next_step)
            await asyncio.sleep(every)


def install_id(node: NodePlan) -> str:
    """Short digest of machine and install generation: changes when it is reinstalled."""
    text = f"{node.identity.system_uuid}|{node.install_generation}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
