"""A machine of the lab as its power button sees it: on or off, and what it boots.

One class for all of them. How a machine boots is its own: played, with guests and ghosts
(``firmware``), or by real firmware in QEMU (``metal.chassis``). It outlives the daemon and can
be made to fail.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

from bloomery.drivers.redfish.machine import BootOrder, Source
from bloomery.errors import LabError
from bloomery.lab.console import Console
from bloomery.lab.delays import Delays
from bloomery.lab.faults import MachineFaults
from bloomery.lab.files import read_json, write_json

LOOK_SECONDS = 0.1
"""How often it is looked whether a system that was asked to switch itself off has done so."""

Fetch = Callable[[str], Awaitable[bytes]]

Found = Literal["runs", "begin again", "lost"]
"""What a daemon finds of a machine that was on: it runs, what it did is begun again, or it went
off without anybody seeing it."""


@dataclass(frozen=True)
class Chip:
    """What the board of one machine is given."""

    console: Console
    power_file: Path
    seed_file: Path
    fetch: Fetch
    recipe: str
    """Digest of the image recipe the lab installs."""
    post_seconds: float = Delays().post
    """How long a self-test takes that is played."""
    fetch_itself: Fetch | None = None
    """How firmware reads what it starts from by HTTP; None where it cannot."""

    @property
    def disc_file(self) -> Path:
        """An installation medium that was fetched whole."""
        return self.seed_file.with_name("cd.iso")


class Boot(Protocol):
    """One way of booting, of one machine."""

    progress: str
    """Redfish BootProgress.LastState; set to ``None`` whenever the machine goes off."""

    @property
    def grace(self) -> float:
        """Seconds a system may take to switch itself off."""

    @property
    def dies_with_daemon(self) -> bool:
        """Whether what runs ends with the daemon and must be started again after it."""

    async def run(self, power: Powered) -> str:
        """From power-on on, or from where ``adopt`` found the machine.

        Returns how the machine went off; empty where it is on and ``power.went_off`` will tell.
        LabError or OSError leave it standing there. Cancelled, it lets go of the machine.
        """

    async def adopt(self, power: Powered, step: str, *, outlives: bool) -> Found:
        """Look for a machine that was on; ``step`` is what was written down last.

        ``outlives`` is whether what ran then was not to end with its daemon.
        """

    def listens(self) -> bool:
        """Whether a system runs that can be asked to switch itself off."""

    async def press(self) -> None:
        """Press the power button; returns at once. LabError when it cannot be pressed."""

    async def cut(self) -> None:
        """Take the power away."""

    async def close(self) -> None:
        """The daemon ends; what can outlive it stays."""

    async def begin(self, fault: str, faults: MachineFaults) -> None:
        """A fault was set and is in ``faults``: let it act. LabError where it cannot be had."""

    async def end(self, fault: str, faults: MachineFaults) -> None:
        """A fault was cleared, ``faults`` are left: let that act, where it can."""


class Powered:
    """What a BMC's power button switches; a ``Machine`` of the fake BMC.

    Every step is written down first, so that a daemon that was killed goes on where the machine
    stood. It holds no thread and no process: these are the way of booting's.
    """

    def __init__(self, chip: Chip, boot: Boot, faults: MachineFaults) -> None:
        self.chip = chip
        self.faults = faults
        """Faults in force."""
        self.order = BootOrder("Hdd")
        """What it found when it was switched on last."""
        self._boot = boot
        self._on = False
        self._work: asyncio.Task[None] | None = None
        self._callbacks: list[Callable[[], None]] = []

    def is_on(self) -> bool:
        """Whether the machine draws power."""
        return self._on

    def boot_progress(self) -> str:
        """Redfish BootProgress.LastState."""
        return self._boot.progress

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back whenever power or progress changes by itself."""
        self._callbacks.append(callback)

    async def power_on(self, boot: BootOrder) -> None:
        """Switch on; POST and what follows go on behind."""
        if self._on:
            return
        self.chip.console.trim()
        self.chip.console.say(f"power on, boot source {boot.source}")
        self.chip.seed_file.unlink(missing_ok=True)
        self.order = boot
        self._begin()

    async def power_off(self, *, graceful: bool) -> None:
        """Switch off. A graceful request that the system does not heed leaves the machine on."""
        if not self._on:
            return
        if graceful and self._boot.listens():
            await self._ask()
            return
        await self._stop_work()
        await self._boot.cut()
        self.went_off("power off")

    async def resume(self) -> None:
        """Go on with what the machine did when the daemon ended."""
        record = read_json(self.chip.power_file)
        if record is None or record.get("step") == "off":
            self.chip.seed_file.unlink(missing_ok=True)
            return
        boot = record.get("boot")
        self.order = _boot_order(boot if isinstance(boot, dict) else {})
        outlives = not record.get("dies_with_daemon")
        found = await self._boot.adopt(self, str(record.get("step")), outlives=outlives)
        if found == "lost":
            self.went_off("power was lost while the lab was down")
        elif found == "begin again":
            self._begin()
        else:
            self._on = True
            self._start_work()

    async def close(self) -> None:
        """The daemon ends; what can outlive it stays."""
        await self._stop_work()
        await self._boot.close()

    async def begin(self, fault: str) -> None:
        """A fault was set and is in ``faults``: let it act on what runs, where it can."""
        await self._boot.begin(fault, self.faults)

    async def end(self, fault: str) -> None:
        """A fault was cleared: let that act on what runs, where it can."""
        await self._boot.end(fault, self.faults)

    def went_off(self, how: str) -> None:
        """The machine draws no power any more."""
        self.chip.console.say(how)
        self._on = False
        self._boot.progress = "None"
        self.note("off")  # first: who finds no seed while it installs cannot go on
        for file in (self.chip.seed_file, self.chip.disc_file):
            file.unlink(missing_ok=True)
        self.tell()

    def note(self, step: str) -> None:
        """Write down what the machine does now."""
        record = {
            "step": step,
            "boot": asdict(self.order),
            "dies_with_daemon": self._boot.dies_with_daemon,
        }
        write_json(self.chip.power_file, record)

    def tell(self) -> None:
        """Power or progress have changed."""
        for callback in self._callbacks:
            callback()

    def _begin(self) -> None:
        self._on = True
        self._boot.progress = "None"
        self.note("post")
        self._start_work()

    def _start_work(self) -> None:
        self._work = asyncio.create_task(self._run(), name="machine")

    async def _run(self) -> None:
        try:
            how = await self._boot.run(self)
        except (LabError, OSError) as error:
            # The machine stands there with a message on its screen, as metal does.
            self.chip.console.say(f"halted: {error}")
            self.tell()
            return
        except Exception:  # whatever it is goes into the lab's log, and on up
            logging.exception("machine of %s", self.chip.power_file)
            raise
        if how:
            self._work = None
            self.went_off(how)

    async def _ask(self) -> None:
        self.chip.console.say("power button pressed")
        await self._boot.press()
        for _ in range(int(self._boot.grace / LOOK_SECONDS)):
            if not self._on:
                return
            await asyncio.sleep(LOOK_SECONDS)
        self.chip.console.say("the system did not react to the power button")

    async def _stop_work(self) -> None:
        work, self._work = self._work, None
        if work is None:
            return
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def _boot_order(value: dict[str, object]) -> BootOrder:
    """Read what a power record says of the boot."""
    kinds: tuple[Source, ...] = get_args(Source)
    source: Source = next((one for one in kinds if one == value.get("source")), "Hdd")
    told = {one: str(value.get(one, "")) for one in ("cd_url", "seed_url", "asset_tag")}
    return BootOrder(
        source, cd_url=told["cd_url"], seed_url=told["seed_url"], asset_tag=told["asset_tag"]
    )
