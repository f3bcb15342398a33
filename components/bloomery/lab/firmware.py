"""What happens between the power button and the operating system of guests and ghosts.

Firmware that is played: POST, then an installation from virtual media or a boot from disk.
It holds no process: what runs is the body's business.
"""

from __future__ import annotations

import asyncio

from bloomery.errors import LabError
from bloomery.lab.body import Body
from bloomery.lab.faults import MachineFaults
from bloomery.lab.files import write_whole
from bloomery.lab.medium import Medium, Seed, read_medium
from bloomery.lab.powered import Fetch, Found, Powered
from bloomery.lab.sealed_medium import key_of, open_seed

GRACE_SECONDS = 10.0
"""How long a guest may take to switch itself off: its services are few and local."""


class PlayedBoot:
    """A ``Boot`` without firmware of its own."""

    def __init__(self, body: Body) -> None:
        self.progress = "None"
        self._body = body
        self._power: Powered | None = None
        body.on_change(self._body_changed)

    @property
    def grace(self) -> float:
        """That of a guest."""
        return GRACE_SECONDS

    @property
    def dies_with_daemon(self) -> bool:
        """As its body does."""
        return self._body.dies_with_daemon

    async def run(self, power: Powered) -> str:
        """POST, then the installation or the system; a system goes on behind."""
        self._power = power
        if self._body.running():
            power.tell()  # taken over
            return ""
        await asyncio.sleep(power.chip.post_seconds)
        if power.order.source in ("Cd", "Http"):
            return await self._install(power)
        await self._boot_disk(power)
        return ""

    async def adopt(self, power: Powered, step: str, *, outlives: bool) -> Found:
        """A system that outlived its daemon is taken over, an installation is begun again."""
        self._power = power
        if await self._body.adopt():
            self._see()
            return "runs"
        return "lost" if step == "os" and outlives else "begin again"

    def listens(self) -> bool:
        """Whether a system runs."""
        return self._body.running()

    async def press(self) -> None:
        """Ask the system to switch itself off."""
        await self._body.shutdown()

    async def cut(self) -> None:
        """What runs is gone at once."""
        await self._body.cut()

    async def close(self) -> None:
        """The daemon ends."""
        await self._body.close()

    async def begin(self, fault: str, faults: MachineFaults) -> None:
        """The body lets a fault act."""
        await self._body.begin(fault, faults)

    async def end(self, fault: str, faults: MachineFaults) -> None:
        """The body lets a fault end."""
        await self._body.end(fault, faults)

    async def _install(self, power: Powered) -> str:
        say = power.chip.console.say
        data = await _load(power, "medium", power.order.cd_url)
        medium = _medium(power, data)
        seed = await _seed(power, data)
        power.note("install")
        self.progress = "OSBootStarted"
        power.tell()
        say(f"installing {medium.image} for {seed.meta['node']}")
        await self._body.install(medium, seed, say)
        return "installation complete, switching off"

    async def _boot_disk(self, power: Powered) -> None:
        if not self._body.bootable():
            raise LabError("no boot device")
        power.chip.console.say("booting from disk")
        self.progress = "OSBootStarted"
        power.note("os")
        power.tell()
        await self._body.boot(power.faults)

    def _body_changed(self) -> None:
        power = self._power
        if power is None or not power.is_on():
            return
        if not self._body.running():
            power.went_off("the system has stopped, the machine is off")
            return
        self._see()
        power.tell()

    def _see(self) -> None:
        self.progress = "OSRunning" if self._body.ready() else "OSBootStarted"


def _medium(power: Powered, data: bytes) -> Medium:
    medium = read_medium(data)
    if medium.recipe != power.chip.recipe:
        raise LabError(f"medium {medium.image} was made for another image recipe")
    return medium


async def _seed(power: Powered, medium: bytes) -> Seed:
    """That of the second drive, or on the medium; kept, for a daemon that comes back."""
    kept, second = power.chip.seed_file, power.order.seed_url
    if kept.exists():
        return open_seed(kept.read_bytes(), key_of(power.order.asset_tag))
    data = await _load(power, "seed", second) if second else medium
    write_whole(kept, data)  # before it is read, which takes a while
    return open_seed(data, key_of(power.order.asset_tag))


async def _load(power: Powered, what: str, url: str) -> bytes:
    if not url:
        raise LabError("no medium in the drive")
    try:
        data = await _reader(power)(url)
    except LabError as error:
        raise LabError(f"{what} cannot be fetched: {error}") from error
    # The address of a seed is a secret of its own: only that it came is said.
    power.chip.console.say(f"{what}: {len(data)} bytes")
    return data


def _reader(power: Powered) -> Fetch:
    """The BMC, or firmware itself."""
    if power.order.source != "Http":
        return power.chip.fetch
    if power.chip.fetch_itself is None:
        raise LabError("this firmware starts from no URL")
    return power.chip.fetch_itself
