"""One site with a few machines in this process: BMC fakes, metal that installs itself, drivers.

Everything of the provider is real, and so are the fake BMC's state machine, the seed
server and its TLS. Only sushy, ssh and Ansible are replaced, by callables that answer
from the same metal.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from environment import HANGS_S
from own_metal import Metal

from bloomery.drivers.ansible.protocol import Job
from bloomery.drivers.redfish.fake import FakeBmc
from bloomery.drivers.redfish.inprocess import InProcess
from bloomery.drivers.redfish.protocol import (
    ANY,
    Bmc,
    MediaTrust,
    Personality,
    Sought,
    SystemFacts,
    SystemNow,
    Trust,
)
from bloomery.drivers.ssh.protocol import HostFacts, Login
from bloomery.errors import CredentialRefused, NotTrusted, Unreachable
from bloomery.lab.medium import make_iso
from bloomery.plan.model import BmcPlan, HostPlan, Identity, NodePlan
from bloomery.plan.wire import props
from bloomery.provider.bmc import BmcLinks
from bloomery.provider.context import Context
from bloomery.provider.drivers import Drivers
from bloomery.provider.journal import Event, Journal
from bloomery.provider.media.images import Images
from bloomery.provider.media.templates import Templates
from bloomery.provider.node import NodeHandler
from bloomery.provider.seed import seed_files
from bloomery.provider.values import Props, of_wire
from bloomery.records import HostResult, RunResult
from bloomery.trust.ca import ensure_ca
from bloomery.trust.factory import write_factory
from bloomery.trust.keys import bmc_password, login_key
from bloomery.trust.secret import ensure_private_file, open_secret

RAM = "/dev/shm"
"""Where the sites of these tests stand: they write thousands of lines with fsync."""

CACHE = Path(RAM, f"bloomery-unit-{os.getuid()}")
"""Templates of media, which hold nothing of any site: made once, by whichever test is first."""

SITE = "works"
CONTROLLER = "127.83.0.1"
IMAGE_DIGEST = "0" * 63 + "1"
"""Of the installation medium; not its real one, which no test here looks at."""

IMAGE = f"https://{CONTROLLER}:8480/media/debian.iso"
FACTORY_PASSWORD = "left-the-factory-7"
PARENTS = "bloomery:site:Site$bloomery:metal:NodePool"
URN = f"urn:pulumi:{SITE}::ai-factory::{PARENTS}$bloomery:metal:Node::"


class Killed(BaseException):
    """The provider is gone, in the middle of what it did."""


@dataclass
class Lines:
    """The engine's log."""

    said: list[tuple[str, str]] = field(default_factory=list)

    async def info(self, urn: str, message: str) -> None:
        self.said.append(("info", message))

    async def status(self, urn: str, message: str) -> None:
        self.said.append(("status", message))

    async def warn(self, urn: str, message: str) -> None:
        self.said.append(("warn", message))

    def of(self, kind: str) -> list[str]:
        return [message for said, message in self.said if said == kind]


@dataclass
class Axe:
    """Kills the provider at its n-th journal line or BMC write, before or after it."""

    at: int | str = -1
    """Which one, by number from 0 or by name; below 0 nothing is killed."""
    after: bool = False
    seen: list[str] = field(default_factory=list)
    dead: bool = False

    def around(self, what: str, act: Callable[[], None]) -> None:
        self.breathe()
        number = len(self.seen)
        self.seen.append(what)
        if self.at not in (number, what):
            act()
            return
        if self.after:
            act()
        self.dead = True
        raise Killed(what)

    def breathe(self) -> None:
        """A dead provider does nothing any more."""
        if self.dead:
            raise Killed("dead already")


class Notebook(Journal):
    """The journal, under the axe."""

    axe: Axe

    def write(self, phase: str, event: Event, *, reason="", next_step="", **data) -> None:
        def act() -> None:
            Journal.write(self, phase, event, reason=reason, next_step=next_step, **data)

        try:
            self.axe.around(f"journal {phase} {event}", act)
        except Killed:
            if event == "verified" and phase in ("media", "medium", "seed"):
                # Written by the medium server: a killed server answers nobody.
                raise OSError("killed") from None
            raise


@dataclass
class Watched:
    """A BMC session that writes down what is written, under the axe."""

    inner: Bmc
    machine: str
    shop: SiteInProcess

    def facts(self) -> SystemFacts:
        self.shop.axe.breathe()
        self.shop.reads += 1
        return self.inner.facts()

    def now(self) -> SystemNow:
        self.shop.axe.breathe()
        self.shop.reads += 1
        return self.inner.now()

    def personality(self) -> Personality:
        return self.inner.personality()

    def firmware(self) -> Mapping[str, str]:
        return self.inner.firmware()

    def password_expired(self) -> bool:
        return self.inner.password_expired()

    def clear_boot(self) -> None:
        self._write("clear_boot", self.inner.clear_boot)

    def _write(self, what: str, act: Callable[[], None]) -> None:
        def told() -> None:
            self.shop.writes.append((self.machine, what))
            act()

        self.shop.axe.around(f"bmc {what}", told)

    def set_password(self, username: str, password: str) -> None:
        self._write("set_password", lambda: self.inner.set_password(username, password))

    def set_bios(self, attributes: Mapping[str, str]) -> None:
        self._write(
            f"set_bios {','.join(sorted(attributes))}", lambda: self.inner.set_bios(attributes)
        )

    def insert_media(self, slot, url: str) -> None:
        self._write(f"insert_media {slot}", lambda: self.inner.insert_media(slot, url))

    def believe_ca(self, slot, ca: str) -> MediaTrust:
        return self.inner.believe_ca(slot, ca)

    def eject_media(self, slot) -> None:
        self._write(f"eject_media {slot}", lambda: self.inner.eject_media(slot))

    def boot_once(self, target) -> None:
        self._write(f"boot_once {target}", lambda: self.inner.boot_once(target))

    def power(self, action) -> None:
        self._write(f"power {action}", lambda: self.inner.power(action))

    def set_asset_tag(self, tag: str) -> None:
        self._write(f"tag {tag}", lambda: self.inner.set_asset_tag(tag))

    def reset_bmc(self) -> None:
        self._write("reset_bmc", self.inner.reset_bmc)

    def end_other_sessions(self) -> None:
        self.inner.end_other_sessions()

    def close(self) -> None:
        if not self.shop.axe.dead:  # a killed provider says no goodbye
            self.inner.close()


class OneImage(Images):
    """The web server's one installation medium, fetched already."""

    def __init__(self) -> None:
        super().__init__(CACHE / "media", Path("no CA is asked"))
        self.asked: list[str] = []

    async def digest(self, url: str) -> str:
        self.asked.append(url)
        image = make_iso("SOME_OS", {"media.json": b"{}", "boot": b"of the installer"})
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{os.getpid()}-{id(self)}"
        draft.write_bytes(image)
        os.replace(draft, self.path(IMAGE_DIGEST))
        return IMAGE_DIGEST


@dataclass
class ShopContext(Context):
    """The provider's context, with the journal under the axe."""

    axe: Axe = field(default_factory=Axe)

    def journal(self, node: str) -> Journal:
        book = Notebook(self.state.journal, node)
        book.axe = self.axe
        return book


def node_plan(number: int = 1, **changes: object) -> NodePlan:
    """Plan of machine ``n01``, ``n02``, ..."""
    fields: dict[str, object] = {
        "name": f"n{number:02d}",
        "pool": "train",
        "purpose": "training",
        "model": "lab-ghost",
        "rack": "r01",
        "unit": number,
        "height": 1,
        "power_kw": 0.5,
        "identity": Identity(
            bmc_mac=f"02:83:00:00:00:{number:02x}",
            chassis_serial=f"WRK{number:04d}",
            system_uuid=f"83000000-0000-4000-8000-{number:012d}",
        ),
        "bmc": BmcPlan(address=f"127.83.1.{number}:8443", cert_sha256=""),
        "host": HostPlan(
            address=f"10.83.1.{number}",
            prefix=16,
            gateway="10.83.0.1",
            mac=f"02:83:10:00:00:{number:02x}",
            ssh_port=22,
            user="deploy",
        ),
        "image": IMAGE,
        "bios": {"WorkloadProfile": "MaxPerformance"},
        "install_generation": 1,
        "key_epoch": 1,
        **changes,
    }
    return NodePlan(**fields)  # type: ignore[arg-type]


def node_props(node: NodePlan, **changes: object) -> Props:
    """Inputs of its resource, as the stack makes them."""
    extra = {"site": SITE, "onDelete": "release", "controllerOob": CONTROLLER}
    return of_wire({**props(node), **extra, **changes})  # type: ignore[arg-type]


@dataclass
class SiteInProcess:
    """The whole site."""

    root: Path
    axe: Axe = field(default_factory=Axe)
    log: Lines = field(default_factory=Lines)
    metals: dict[str, Metal] = field(default_factory=dict)
    fakes: dict[str, FakeBmc] = field(default_factory=dict)
    by_host: dict[str, Metal] = field(default_factory=dict)
    writes: list[tuple[str, str]] = field(default_factory=list)
    reads: int = 0
    logins: list[tuple[str, str, str]] = field(default_factory=list)
    """Address, password's kind, ``ok`` or the error's name."""
    probes: list[str] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    run_result: Callable[[Job], RunResult] | None = None
    media: str = "one"
    """How many media the site wants."""
    images: OneImage = field(init=False)
    context: ShopContext = field(init=False)
    node: NodeHandler = field(init=False)

    @classmethod
    def open(cls, root: Path, machines: int = 1) -> SiteInProcess:
        """Set the site up with factory-new machines that are switched off."""
        shop = cls(root)
        state = root / SITE
        ensure_private_file(state / "secret")
        secret = open_secret(state / "secret")
        ensure_ca(secret, SITE, state / "site-ca.pem", datetime.datetime.now(datetime.UTC))
        plans = [node_plan(number) for number in range(1, machines + 1)]
        logins = {p.identity.chassis_serial: f"admin:{FACTORY_PASSWORD}" for p in plans}
        write_factory(secret, SITE, state / "factory.json", logins)
        for plan in plans:
            shop.add(plan)
        shop.restart()
        return shop

    def add(self, plan: NodePlan, serial: str = "") -> None:
        """Put a machine in its rack."""
        address = plan.bmc.address.split(":")[0]
        metal = Metal(address, self.root / SITE / "site-ca.pem")
        identity = plan.identity
        self.metals[plan.name] = self.by_host[plan.host.address] = metal
        self.fakes[plan.bmc.address] = FakeBmc(
            serial or identity.chassis_serial,
            identity.system_uuid,
            identity.bmc_mac,
            plan.model,
            metal,
            {"admin": FACTORY_PASSWORD},
            time_factor=0.0001,
        )

    def restart(self) -> None:
        """A fresh provider process: nothing in memory, everything on disk."""
        if hasattr(self, "context") and self.context._media is not None:
            self.context.media.stop()
        self.axe = Axe()
        self.context = ShopContext(
            self.log,  # type: ignore[arg-type]
            Drivers({"redfish": self.connect, "ssh": self.probe, "ansible": self.runner}),
            env={"BLOOMERY_STATE": str(self.root), "BLOOMERY_CACHE": str(CACHE)},
            axe=self.axe,
        )
        self.images = OneImage()
        self.context._templates = Templates(CACHE / "media", self.images)
        self.context.configure({"site": SITE, "patience": "0.001", "media": self.media})
        self.node = NodeHandler(self.context, BmcLinks(self.context))

    def make_live(self, node: NodePlan | None = None, tag: str = "bloomery/works/g1") -> None:
        """A machine that was installed and is in use: password, BIOS, tag and system as wanted."""
        node = node or node_plan()
        fake = self.fakes[node.bmc.address]
        fake.accounts.set_password("admin", self.derived(node))
        fake.bios.stage(node.bios)
        fake.bios.apply()
        fake.power.set_asset_tag(tag)
        self.metals[node.name].live(seed_files(self.context.secret, SITE, node))

    @property
    def metal(self) -> Metal:
        return self.metals["n01"]

    @property
    def fake(self) -> FakeBmc:
        return self.fakes["127.83.1.1:8443"]

    def connect(
        self, address: str, trust: Trust, username: str, password: str, sought: Sought = ANY, /
    ) -> Bmc:
        """``Connect`` on the fakes."""
        self.axe.breathe()
        loop = self.loop
        kind = "factory" if password == FACTORY_PASSWORD else "derived"
        try:
            bmc = InProcess(self.fakes, loop)(address, trust, username, password)
        except Exception as error:
            self.logins.append((address, kind, type(error).__name__))
            raise
        self.logins.append((address, kind, "ok"))
        return Watched(bmc, address, self)

    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def probe(self, login: Login, timeout: float) -> HostFacts:
        """``Probe`` on the metal: its disk says which key it shows and whom it lets in."""
        self.axe.breathe()
        self.probes.append(login.address)
        metal = self.by_host[login.address]
        if not metal.on or not metal.answers or metal.disk is None:
            raise Unreachable("ssh: connection refused", subject=login.address)
        if metal.disk["ssh_host_ed25519_key.pub"].strip() != login.host_key:
            raise NotTrusted("presented another host key", subject=login.address)
        if metal.disk["authorized_keys"].strip() != login_key(self.context.secret, SITE, 1).public:
            raise CredentialRefused("refused the login key", subject=login.address)
        meta = json.loads(metal.disk["meta.json"])
        booted = metal.progress == "OSRunning"
        found = (metal.root, metal.secure_boot)
        return HostFacts(
            meta["node"], meta["site"], meta["generation"], meta["image"], booted, *found
        )

    async def runner(self, job: Job, progress: Callable[[str], None]) -> RunResult:
        """``Runner``: what the test says, else all hosts of the limit converge."""
        self.jobs.append(job)
        progress("first task")
        if self.run_result is not None:
            return self.run_result(job)
        return RunResult({name: HostResult(name, ok=3, changed=1) for name in job.limit})

    async def up(self, node: NodePlan | None = None, **changes: object) -> Props:
        """Create or update a node, as the engine does; returns its outputs."""
        node = node or node_plan()
        news = node_props(node, **changes)
        return (await self.node.create(URN + node.name, news))[1]

    async def gone_when(self, then: Callable[[], bool], node: NodePlan | None = None) -> None:
        """A provider that is gone as soon as something is so; the next one is there."""
        first = asyncio.ensure_future(self.up(node))
        async with asyncio.timeout(HANGS_S):
            while not then():
                await asyncio.sleep(0.001)
        first.cancel()
        await asyncio.wait({first})
        if self.context._media is not None:
            await self.context.media.close()
        self.restart()
        self.wrote()

    def wrote(self) -> list[str]:
        """What was written to the BMCs since the last time this was asked."""
        said = [what for _, what in self.writes]
        self.writes.clear()
        return said

    def journal(self, name: str = "n01") -> list[tuple[str, str]]:
        """Phase and event of each line."""
        book = Journal(self.root / SITE / "journal", name)
        return [(entry.phase, entry.event) for entry in book.entries()]

    def lose_journal(self) -> None:
        """The controller's disk is gone, the secret was kept."""
        for path in (self.root / SITE / "journal").glob("*.jsonl"):
            path.unlink()

    def derived(self, node: NodePlan | None = None, epoch: int = 1) -> str:
        """The machine's BMC password."""
        identity = (node or node_plan()).identity
        return bmc_password(self.context.secret, identity.system_uuid, epoch)

    async def close(self) -> None:
        """Leave no task behind."""
        for metal in self.metals.values():
            if metal.work is not None:
                metal.work.cancel()
        for fake in self.fakes.values():
            fake.faults.clear()
            await fake.stop()
        if self.context._media is not None:
            await self.context.media.close()
