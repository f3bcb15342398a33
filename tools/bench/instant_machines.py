"""Machines that install and boot at once, behind the fake BMCs that ship with the driver."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bloomery.drivers.redfish.fake import FakeBmc
from bloomery.drivers.redfish.inprocess import InProcess
from bloomery.drivers.redfish.machine import BootOrder
from bloomery.drivers.redfish.protocol import Connect
from bloomery.drivers.ssh.protocol import HostFacts, Login
from bloomery.errors import Unreachable
from bloomery.plan.model import NodePlan, Plan
from bloomery.statedir import StateDir
from bloomery.trust.factory import factory_login
from bloomery.trust.secret import SiteSecret


@dataclass
class InstantMachine:
    """Boots in no time; after an installation it is off once somebody saw it install."""

    node: NodePlan
    on: bool = False
    installing: bool = False
    installed: bool = False

    async def power_on(self, boot: BootOrder) -> None:
        """On, and installed when it starts from the medium."""
        self.on, self.installing = True, boot.source == "Cd"
        self.installed = self.installed or self.installing

    async def power_off(self, *, graceful: bool) -> None:
        """Off."""
        del graceful
        self.on = False

    def is_on(self) -> bool:
        """Whether it is on."""
        return self.on

    def boot_progress(self) -> str:
        """What it is doing. The reader that sees it install finds it off the next time."""
        if self.installing:
            self.on = self.installing = False
            return "OSBootStarted"
        return "OSRunning"

    def on_change(self, callback: Callable[[], None]) -> None:
        """Nothing changes by itself here."""
        del callback


@dataclass
class InstantSite:
    """All machines of a plan, and the two drivers that reach them."""

    plan: Plan
    machines: dict[str, InstantMachine] = field(default_factory=dict)
    """Host address -> machine."""

    def connect(self, secret: SiteSecret, state: StateDir) -> Connect:
        """A Redfish driver to all machines; call it inside the loop they shall run on."""
        fakes = {}
        for node in self.plan.metal.nodes:
            machine = InstantMachine(node)
            self.machines[node.host.address] = machine
            serial = node.identity.chassis_serial
            login = factory_login(secret, self.plan.site.name, state.factory, serial)
            fakes[node.bmc.address] = FakeBmc(
                serial,
                node.identity.system_uuid,
                node.identity.bmc_mac,
                node.model,
                machine,
                dict([login]),
                time_factor=0.0,
            )
        return InProcess(fakes, asyncio.get_running_loop())

    def probe(self, login: Login, timeout: float) -> HostFacts:
        """The ssh driver."""
        del timeout
        machine = self.machines[login.address]
        if not (machine.on and machine.installed):
            raise Unreachable("not started", subject=login.address)
        node = machine.node
        return HostFacts(
            node=node.name,
            site=self.plan.site.name,
            generation=node.install_generation,
            image=node.image,
            booted=True,
        )
