"""What the phases of one node share while it is being brought up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bloomery.drivers.redfish.protocol import Bmc, SystemFacts, SystemNow
from bloomery.drivers.ssh.protocol import HostFacts
from bloomery.errors import Busy, DeviceError, Unsupported
from bloomery.plan.model import NodePlan
from bloomery.provider.bmc import BmcLink
from bloomery.provider.drivers import SSH
from bloomery.provider.media.reading import Reading
from bloomery.provider.phases.work import Stuck, Work

T = TypeVar("T")

NO_TAG = (DeviceError, Unsupported)
"""What says of a tag that it cannot be written or did not hold; other errors are of the BMC."""

PROBE_TIMEOUT = 8.0
"""Seconds for one ssh login: sshd's own MaxStartups delays stay under it."""


@dataclass(frozen=True)
class NodeSetting:
    """What a Node resource knows beside its plan."""

    site: str
    on_delete: str
    controller_oob: str


@dataclass(kw_only=True)
class NodeWork(Work):
    """One node, one operation."""

    node: NodePlan
    setting: NodeSetting
    link: BmcLink
    phase: str = "identify"
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
    medium_url: str = field(default="", repr=False)
    """Under which the node's medium is offered now; whoever knows it could ask for it."""
    seal_key: str = field(default="", repr=False)
    """Opens the seed on it; empty where the seed is not sealed."""
    offered: Reading | None = None
    """What is read of it."""
    reading: bool = False
    """An installation that was begun before goes on reading, or has read all it needs."""

    @property
    def trouble(self) -> str:
        """Why the BMC gave no answer last."""
        return self.link.trouble

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

    async def facts(self, *needs: str) -> SystemFacts:
        """Everything the BMC says of the machine, now.

        ``needs`` are facts that the phase cannot do without: what cannot be read just now is
        waited for, what the BMC does not have raises Stuck.
        """
        facts = await self.ask(lambda bmc: _readable(bmc.facts(), needs))
        self.power = facts.power
        absent = [facts.lack(name) for name in needs if facts.quality(name) == "absent"]
        if absent:
            reason = f"{'; '.join(absent)}, which {self.phase} needs"
            raise Stuck(self.phase, reason, "see docs/bmcs.md for what this model can do")
        return facts

    async def now(self) -> SystemNow:
        """What the system says of itself now: enough for all that only waits for it."""
        now = await self.ask(lambda bmc: bmc.now())
        self.power = now.power
        return now

    async def mark(self, tag: str) -> None:
        """Write the asset tag where the BMC has one that holds; the journal knows in any case."""
        if (await self.now()).asset_tag is None:
            return
        try:
            await self.ask(lambda bmc: bmc.set_asset_tag(tag))
        except DeviceError as error:
            if type(error) not in NO_TAG:
                raise
            # Under a name of its own: the phase's own entries say what was installed.
            self.journal.write("marker", "stuck", reason=error.reason)

    def observe(self, what: str, said: str) -> None:
        """An observation of the BMC in the journal, unless the newest of its kind says the same."""
        for entry in reversed(list(self.journal.entries())):
            if entry.data.get("observed") == what:
                if entry.data.get("said") == said:
                    return
                break
        self.journal.write("identify", "verified", observed=what, said=said)

    async def probe(self) -> HostFacts:
        """One ssh login with the derived host key."""
        drivers, login = self.context.drivers, self.context.login(self.node)
        probe = drivers.client(SSH)
        return await drivers.blocking(SSH, lambda: probe(login, PROBE_TIMEOUT))


def _readable(facts: SystemFacts, needs: tuple[str, ...]) -> SystemFacts:
    for name in needs:
        if facts.quality(name) == "unreadable":
            raise Busy(facts.lack(name))
    return facts


def install_id(node: NodePlan) -> str:
    """Short digest of machine and install generation: changes when it is reinstalled."""
    text = f"{node.identity.system_uuid}|{node.install_generation}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
