"""A BMC under test with its machine, clock and CA, on one of the ways there are."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bloomery.drivers.redfish.client import Dialer
from bloomery.drivers.redfish.fake import FakeBmc
from bloomery.drivers.redfish.fake.personalities import PERSONALITIES
from bloomery.drivers.redfish.fake.personality import STANDARD, LabPersonality
from bloomery.drivers.redfish.images import shows
from bloomery.drivers.redfish.inprocess import InProcess
from bloomery.drivers.redfish.machine import BootOrder
from bloomery.drivers.redfish.protocol import Bmc, Connect, MediaSlot, Sought, SystemFacts, Trust
from bloomery.drivers.redfish.wire import Pace
from bloomery.lab.redfish.server import Site, serve
from bloomery.trust.ca import Leaf, issue
from bloomery.trust.secret import SiteSecret

HOST = "127.80.0.1"
SERIAL = "BLM0042"
UUID = "5d1c4f0e-6f0a-4c55-9a0e-0c2f6e7b8a01"
MAC = "02:80:00:00:00:42"
USER = "admin"
PASSWORD = "left-the-factory-1"
START = 1_700_000_000.0
TICK = 0.0005
"""Seconds that pass with each look at the clock of a BMC that does things later."""


@dataclass
class Metal:
    """A machine of two variables, and a memory of what was asked of it."""

    on: bool = False
    progress: str = "OSRunning"
    boots: list[BootOrder] = field(default_factory=list)
    offs: list[bool] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def power_on(self, boot: BootOrder) -> None:
        self.boots.append(boot)
        if self.gate is not None:
            await self.gate.wait()
        self.on = True

    async def power_off(self, *, graceful: bool) -> None:
        self.offs.append(graceful)
        self.on = False

    def is_on(self) -> bool:
        return self.on

    def boot_progress(self) -> str:
        return self.progress

    def on_change(self, callback: Callable[[], None]) -> None:
        pass


@dataclass
class Clock:
    """The time of day; it stands still unless a test pushes it on, or it is looked at."""

    ahead: float = 0.0
    tick: float = 0.0

    def __call__(self) -> float:
        self.ahead += self.tick
        return START + self.ahead


@dataclass
class Office:
    """The site CA of the tests."""

    secret: SiteSecret
    ca: Path

    def leaf(self, serial: str = SERIAL, host: str = HOST) -> Leaf:
        now = datetime.datetime.now(datetime.UTC)
        return issue(self.secret, "tests", self.ca, host, now, serial)


@dataclass
class Rig:
    """One BMC with its machine, and how to log in on it."""

    way: str
    loop: asyncio.AbstractEventLoop
    office: Office
    metal: Metal = field(default_factory=Metal)
    clock: Clock = field(default_factory=Clock)
    saved: dict[str, object] | None = None
    serial: str = SERIAL
    shape: LabPersonality = STANDARD
    fake: FakeBmc = field(init=False)
    fakes: dict[str, FakeBmc] = field(default_factory=dict)
    site: Site | None = None
    open_sessions: list[Bmc] = field(default_factory=list)
    _port: int = 0

    def do(self, work: Callable[[], object]) -> object:
        """Run something on the fake's loop."""

        async def run() -> object:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def start(self, leaf: Leaf | None = None) -> None:
        """Start the emulator, with what it remembered."""

        async def run() -> None:
            self.fake = FakeBmc(
                SERIAL,
                UUID,
                MAC,
                "lab-node",
                self.metal,
                {USER: PASSWORD},
                snapshot=self.saved,
                save=self._keep,
                time_factor=0.001,
                clock=self.clock,
                personality=self.shape,
            )
            self.fakes[HOST] = self.fake
            if self.way == "https":
                self.site = await serve(self.fake, HOST, self._port, leaf or self.office.leaf())
                self._port = self.site.port

        asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def stop(self) -> None:
        """Stop the emulator; the machine stays as it is."""

        async def run() -> None:
            await (self.site.close() if self.site else self.fake.stop())
            self.site = None

        asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def restart(self) -> None:
        self.stop()
        self.start()

    def _keep(self, snapshot: dict[str, object]) -> None:
        self.saved = snapshot

    @property
    def address(self) -> str:
        return f"{HOST}:{self._port}" if self._port else HOST

    @property
    def trust(self) -> Trust:
        return Trust(ca_file=str(self.office.ca), chassis_serial=SERIAL)

    @property
    def connect(self) -> Connect:
        if self.way == "https":
            return Dialer(2, 2, Pace(task=5, settle=0.3, poll=0.1))
        return InProcess(self.fakes, self.loop)

    def login(self, password: str = PASSWORD, user: str = USER, trust: Trust | None = None) -> Bmc:
        sought = Sought(MAC, SERIAL, UUID)
        bmc = self.connect(self.address, trust or self.trust, user, password, sought)
        self.open_sessions.append(bmc)
        return bmc

    @property
    def changes_first(self) -> bool:
        """Whether the factory password must be changed before anything else."""
        return self.shape.habits.change_first != "no"

    def change_first(self) -> None:
        """Do so where it must be; the tests then find the same password as everywhere."""
        if self.changes_first:
            bmc = self.login()
            assert bmc.password_expired()
            bmc.set_password(USER, PASSWORD)
            bmc.close()
            self.fake.accounts.attempts = 0

    @property
    def media(self) -> tuple[MediaSlot, ...]:
        """What can be inserted; firmware that starts from a URL takes one."""
        return ("Cd",) if self.shape.habits.http_boot else ("Cd", "Seed")

    @property
    def source(self) -> str:
        """What the machine starts from when it starts from a medium."""
        return "Http" if self.shape.habits.http_boot else "Cd"

    def url(self, url: str) -> str:
        """A URL as this BMC takes it: without TLS where it knows none."""
        return url if "https" in self.shape.media.schemes else url.replace("https:", "http:")

    def shows(self, facts: SystemFacts, **media: str) -> bool:
        """Whether these media are in and no others, as far as the BMC tells what they are."""
        found = facts.media
        return set(found) == set(media) and all(shows(found[at], media[at]) for at in media)

    def waits(self, facts: SystemFacts) -> str:
        """Target of the override that was asked for one boot."""
        kept = self.shape.habits.once_kept
        told, other = (facts.boot_once, facts.boot_always)[:: -1 if kept else 1]
        assert other == ""
        return told

    @property
    def graceful(self) -> bool:
        """Whether the operating system can be asked to shut down."""
        return "GracefulShutdown" in self.shape.habits.resets

    @property
    def tagged(self) -> bool:
        """Whether there is an asset tag."""
        return self.shape.writing.tag != "absent"

    def progress(self, told: str) -> str:
        """What shows of a BootProgress."""
        form = self.shape.writing.progress
        if form == "stays" and told.startswith("OS"):
            return "SystemHardwareInitializationComplete"
        return "" if form == "absent" else told

    def pending(self, **attributes: str) -> dict[str, str]:
        """What shows as staged: nothing where the BIOS has no Settings resource."""
        return attributes if self.shape.layout.bios_settings else {}

    def power(self, bmc: Bmc, action: str) -> None:
        """Ask for a power change and wait until it is done."""
        bmc.power(action)
        asyncio.run_coroutine_threadsafe(self.fake.power.settle(), self.loop).result(10)

    def wait_back(self) -> None:
        """Let the reset of the BMC end."""
        self.clock.ahead += self.fake.back_in()


def running(way: str, loop: asyncio.AbstractEventLoop, office: Office) -> Iterator[Rig]:
    """A rig that runs; ``way`` is ``fake``, ``https`` or the name of a personality."""
    shape = PERSONALITIES.get(way)
    rig = Rig("https" if shape else way, loop, office, shape=shape or STANDARD)
    rig.clock.tick = TICK if shape else 0.0
    rig.start()
    rig.change_first()
    yield rig
    for bmc in rig.open_sessions:
        bmc.close()
    rig.stop()
