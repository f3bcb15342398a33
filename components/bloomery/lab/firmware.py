"""What happens between the power button and the operating system.

The state machine of one machine: POST, then an installation from virtual media or a
boot from disk. It holds no thread and no process: what runs is the body's business.
Every step is written down first, so that a daemon that was killed goes on where the
machine stood.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

from bloomery.drivers.redfish.machine import BootOrder, Source
from bloomery.errors import LabError
from bloomery.lab.body import Body
from bloomery.lab.console import Console
from bloomery.lab.delays import Delays
from bloomery.lab.faults import MachineFaults
from bloomery.lab.files import read_json, write_json, write_whole
from bloomery.lab.medium import Medium, Seed, read_medium
from bloomery.lab.sealed_medium import key_of, open_seed

GRACE_SECONDS = 10.0
"""How long a guest may take to switch itself off: its services are few and local."""

Fetch = Callable[[str], Awaitable[bytes]]


@dataclass(frozen=True)
class Chip:
    """What the firmware of one machine is given."""

    console: Console
    power_file: Path
    seed_file: Path
    fetch: Fetch
    recipe: str
    """Digest of the image recipe the lab installs."""
    post_seconds: float = Delays().post
    """How long the self-test takes."""
    fetch_itself: Fetch | None = None
    """How firmware reads what it starts from by HTTP; None where it cannot."""


class Firmware:
    """A ``Powered`` machine of the lab: what a BMC's power button switches."""

    def __init__(self, chip: Chip, body: Body, faults: MachineFaults) -> None:
        self._chip = chip
        self._body = body
        self.faults = faults
        self._on = False
        self._progress = "None"
        self._boot = BootOrder("Hdd")
        self._work: asyncio.Task[None] | None = None
        self._callbacks: list[Callable[[], None]] = []
        body.on_change(self._body_changed)

    def is_on(self) -> bool:
        """Whether the machine draws power."""
        return self._on

    def boot_progress(self) -> str:
        """Redfish BootProgress.LastState."""
        return self._progress

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back whenever power or progress changes by itself."""
        self._callbacks.append(callback)

    async def power_on(self, boot: BootOrder) -> None:
        """Switch on; POST and what follows go on behind."""
        if self._on:
            return
        self._chip.console.trim()
        self._chip.console.say(f"power on, boot source {boot.source}")
        self._chip.seed_file.unlink(missing_ok=True)
        self._boot = boot
        self._start()

    async def power_off(self, *, graceful: bool) -> None:
        """Switch off. A graceful request that the system does not heed leaves the machine on."""
        if not self._on:
            return
        if graceful and self._body.running():
            await self._ask()
            return
        await self._stop_work()
        await self._body.cut()
        self._chip.console.say("power off")
        self._off()

    async def resume(self) -> None:
        """Go on with what the machine did when the daemon ended."""
        record = read_json(self._chip.power_file)
        if record is None or record.get("step") == "off":
            self._chip.seed_file.unlink(missing_ok=True)
            return
        boot = record.get("boot")
        self._boot = boot_order(boot if isinstance(boot, dict) else {})
        if await self._body.adopt():
            self._on = True
            self._body_changed()
        elif record.get("step") == "os" and not record.get("dies_with_daemon"):
            self._chip.console.say("power was lost while the lab was down")
            self._off()
        else:
            self._start()

    async def begin(self, fault: str) -> None:
        """A fault was set: the body lets it act."""
        await self._body.begin(fault, self.faults)

    async def end(self, fault: str) -> None:
        """A fault was cleared: the body lets that act."""
        await self._body.end(fault, self.faults)

    async def close(self) -> None:
        """The daemon ends; what the machine did stays written down."""
        await self._stop_work()
        await self._body.close()

    def _start(self) -> None:
        self._on = True
        self._progress = "None"
        self._note("post")
        self._work = asyncio.create_task(self._run(), name="firmware")

    async def _run(self) -> None:
        await asyncio.sleep(self._chip.post_seconds)
        try:
            if self._boot.source in ("Cd", "Http"):
                await self._install()
            else:
                await self._boot_disk()
        except (LabError, OSError) as error:
            # The machine stands there with a message on its screen, as metal does.
            self._chip.console.say(f"halted: {error}")
            self._tell()
        except Exception:  # whatever it is goes into the lab's log, and on up
            logging.exception("firmware of %s", self._chip.console)
            raise

    async def _install(self) -> None:
        say = self._chip.console.say
        data = await self._load("medium", self._boot.cd_url)
        medium = self._medium(data)
        seed = await self._seed(data)
        self._note("install")
        self._progress = "OSBootStarted"
        self._tell()
        say(f"installing {medium.image} for {seed.meta['node']}")
        await self._body.install(medium, seed, say)
        say("installation complete, switching off")
        self._work = None
        self._off()

    def _medium(self, data: bytes) -> Medium:
        medium = read_medium(data)
        if medium.recipe != self._chip.recipe:
            raise LabError(f"medium {medium.image} was made for another image recipe")
        return medium

    async def _seed(self, medium: bytes) -> Seed:
        """That of the second drive, or on the medium; kept, for a daemon that comes back."""
        if self._chip.seed_file.exists():
            return open_seed(self._chip.seed_file.read_bytes(), key_of(self._boot.asset_tag))
        second = self._boot.seed_url
        data = await self._load("seed", second) if second else medium
        write_whole(self._chip.seed_file, data)  # before it is read, which takes a while
        return open_seed(data, key_of(self._boot.asset_tag))

    async def _load(self, what: str, url: str) -> bytes:
        if not url:
            raise LabError("no medium in the drive")
        try:
            data = await self._reader()(url)
        except LabError as error:
            raise LabError(f"{what} cannot be fetched: {error}") from error
        # The address of a seed is a secret of its own: only that it came is said.
        self._chip.console.say(f"{what}: {len(data)} bytes")
        return data

    def _reader(self) -> Fetch:
        """The BMC, or firmware itself."""
        if self._boot.source != "Http":
            return self._chip.fetch
        if self._chip.fetch_itself is None:
            raise LabError("this firmware starts from no URL")
        return self._chip.fetch_itself

    async def _boot_disk(self) -> None:
        if not self._body.bootable():
            raise LabError("no boot device")
        self._chip.console.say("booting from disk")
        self._progress = "OSBootStarted"
        self._note("os")
        self._tell()
        await self._body.boot(self.faults)

    async def _ask(self) -> None:
        self._chip.console.say("power button pressed")
        await self._body.shutdown()
        for _ in range(int(GRACE_SECONDS / 0.1)):
            if not self._on:
                return
            await asyncio.sleep(0.1)
        self._chip.console.say("the system did not react to the power button")

    def _body_changed(self) -> None:
        if not self._on:
            return
        if not self._body.running():
            self._chip.console.say("the system has stopped, the machine is off")
            self._off()
            return
        self._progress = "OSRunning" if self._body.ready() else "OSBootStarted"
        self._tell()

    async def _stop_work(self) -> None:
        work, self._work = self._work, None
        if work is None:
            return
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    def _off(self) -> None:
        self._on = False
        self._progress = "None"
        self._note("off")  # first: who finds no seed while it installs cannot go on
        self._chip.seed_file.unlink(missing_ok=True)
        self._tell()

    def _note(self, step: str) -> None:
        record = {
            "step": step,
            "boot": asdict(self._boot),
            "dies_with_daemon": self._body.dies_with_daemon,
        }
        write_json(self._chip.power_file, record)

    def _tell(self) -> None:
        for callback in self._callbacks:
            callback()


def boot_order(value: dict[str, object]) -> BootOrder:
    """Read what a power record says of the boot."""
    kinds: tuple[Source, ...] = get_args(Source)
    source: Source = next((one for one in kinds if one == value.get("source")), "Hdd")
    told = {one: str(value.get(one, "")) for one in ("cd_url", "seed_url", "asset_tag")}
    return BootOrder(
        source, cd_url=told["cd_url"], seed_url=told["seed_url"], asset_tag=told["asset_tag"]
    )
