"""A machine whose firmware is real: the power button starts and ends a QEMU process.

What ``Firmware`` plays for guests and ghosts happens inside here: POST, the boot device,
the installer. The BMC's part is left: it shows the inserted media as drives, chooses the
first boot device, and reads the progress.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass

from bloomery.drivers.redfish.machine import BootOrder
from bloomery.errors import LabError
from bloomery.lab.faults import CRASH, LINK_DOWN, POWER_CUT, MachineFaults
from bloomery.lab.files import read_json, write_json
from bloomery.lab.firmware import Chip, boot_order
from bloomery.lab.metal.disc import Disc, Drive, KeptDisc
from bloomery.lab.metal.hardware import Hardware
from bloomery.lab.metal.milestones import Milestones
from bloomery.lab.metal.monitor import Monitor
from bloomery.lab.metal.nbd import NbdServer
from bloomery.lab.metal.process import Qemu
from bloomery.lab.metal.uefi import uefi_of

GRACE_SECONDS = 60.0
"""How long a system may take to switch itself off: 8 s of processor time, and load."""

LOOK_SECONDS = 0.3
"""How often console and process are looked at."""

OFFERED = (LINK_DOWN, POWER_CUT, CRASH)
"""Faults that can be made from outside; the others need a hand in the system."""


@dataclass(frozen=True)
class Parts:
    """What a chassis is put together from."""

    hardware: Hardware
    drive: Drive
    qemu: Qemu


class Chassis:
    """A ``Powered`` machine of the lab."""

    def __init__(self, chip: Chip, parts: Parts, faults: MachineFaults) -> None:
        self._chip = chip
        self._parts = parts
        self.faults = faults
        self._boot = BootOrder("Hdd")
        self._on = False
        self._milestones = Milestones(parts.hardware.console, 0)
        self._discs: dict[str, Disc | KeptDisc] = {}
        self._server: NbdServer | None = None
        self._monitor: Monitor | None = None
        self._work: asyncio.Task[None] | None = None
        self._left_by_itself = False
        self._callbacks: list[Callable[[], None]] = []

    def is_on(self) -> bool:
        """Whether the machine draws power."""
        return self._on

    def boot_progress(self) -> str:
        """Redfish BootProgress.LastState, as far as the console shows it."""
        return self._milestones.progress

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back whenever power or progress changes by itself."""
        self._callbacks.append(callback)

    async def power_on(self, boot: BootOrder) -> None:
        """Switch on; firmware and what follows go on behind."""
        if self._on:
            return
        self._chip.console.trim()
        self._chip.console.say(f"power on, boot source {boot.source}")
        self._chip.seed_file.unlink(missing_ok=True)
        self._boot, self._on = boot, True
        self._follow_console_from(self._console_size())
        self._note("on")
        self._work = asyncio.create_task(self._live(), name=f"chassis {self._name}")

    async def power_off(self, *, graceful: bool) -> None:
        """Switch off. A graceful request that the system does not heed leaves the machine on."""
        if not self._on:
            return
        if graceful and self._monitor is not None:
            await self._ask(self._monitor)
            return
        await self._stop_work()
        await asyncio.to_thread(self._parts.qemu.end)
        self._chip.console.say("power off")
        await self._off()

    async def resume(self) -> None:
        """Take over a QEMU that outlived the daemon; without one the machine has no power."""
        record = read_json(self._chip.power_file)
        if record is None or record.get("step") != "on":
            return
        boot = record.get("boot")
        self._boot = boot_order(boot if isinstance(boot, dict) else {})
        start = self._parts.qemu.adopt()
        if start is None:
            self._chip.console.say("power was lost while the lab was down")
            await asyncio.to_thread(self._parts.qemu.end)
            await self._off()
            return
        self._on = True
        self._follow_console_from(start)
        self._work = asyncio.create_task(self._live(), name=f"chassis {self._name}")

    async def close(self) -> None:
        """The daemon ends; QEMU waits for the next one where it reads from a CD."""
        await self._stop_work()
        await self._hang_up()

    async def begin(self, fault: str) -> None:
        """Pull the cable or cut the power. LabError for a fault that needs a hand inside."""
        if fault not in OFFERED:
            raise LabError(
                f"a machine with a kernel of its own has no fault {fault}",
                subject=self._name,
                next_step=f"one of {', '.join(OFFERED)}",
            )
        if fault in (LINK_DOWN, POWER_CUT):
            self._parts.qemu.set_link("down")
        if fault in (CRASH, POWER_CUT) and self._on:
            await asyncio.to_thread(self._parts.qemu.kill)

    async def end(self, fault: str) -> None:
        """A cleared link comes back at once."""
        if fault == LINK_DOWN:
            self._parts.qemu.set_link("up")

    @property
    def _name(self) -> str:
        return self._parts.hardware.name

    async def _live(self) -> None:
        """One power-on, from the media to the end of the process."""
        try:
            found = self._parts.qemu.alive
            uefi = uefi_of(dict(self._boot.bios))
            if not found:
                await asyncio.to_thread(self._parts.qemu.prepare, uefi)
            await self._insert(again=found)
            if not found:
                await self._parts.qemu.start(uefi, list(self._discs), self._console_size())
                if LINK_DOWN in self.faults:
                    self._parts.qemu.set_link("down")
            self._monitor = Monitor(self._name, self._heard)
            await self._monitor.connect(self._parts.hardware.monitor)
            await self._watch()
        except (LabError, OSError) as error:
            # The machine stands there, as metal does whose boot device cannot be read.
            self._chip.console.say(f"halted: {error}")
            self._tell()
            return
        except Exception:  # whatever it is goes into the lab's log, and on up
            logging.exception("chassis of %s", self._name)
            raise
        await asyncio.to_thread(self._parts.qemu.bury)
        how = "the system has switched itself off" if self._left_by_itself else "power was lost"
        self._chip.console.say(f"{how}, the machine is off")
        self._work = None
        await self._off()

    async def _insert(self, *, again: bool) -> None:
        """Open what the BMC has in its drives, for this power-on.

        ``again``: for a machine that was taken over and runs; a disc whose server has gone
        meanwhile is one that it can read no more.
        """
        if self._boot.source != "Cd":
            return
        if not self._boot.cd_url:
            raise LabError("no medium in the drive")
        kept = {"cd": self._chip.seed_file.with_name("cd.iso"), "seed": self._chip.seed_file}
        for drive, url in (("cd", self._boot.cd_url), ("seed", self._boot.seed_url)):
            if not url:
                continue
            try:
                self._discs[drive] = disc = await self._parts.drive.open(url, kept[drive])
            except LabError as error:
                if not again:
                    raise LabError(f"{drive}: cannot be read: {error}") from error
                self._chip.console.say(f"{drive}: cannot be read any more")
                continue
            # The address of a seed is a secret of its own: only that it is there is said.
            self._chip.console.say(f"{drive}: {disc.size} bytes")
        self._server = NbdServer(self._parts.hardware.discs, self._discs)
        await self._server.open()

    async def _watch(self) -> None:
        """Tell of progress until the process ends."""
        while self._parts.qemu.alive:
            if self._milestones.look():
                self._tell()
            await asyncio.sleep(LOOK_SECONDS)

    def _heard(self, event: str, guest: bool) -> None:
        if event == "RESET":
            self._milestones.reset()
            self._tell()
        elif event == "SHUTDOWN":
            self._left_by_itself = guest

    async def _ask(self, monitor: Monitor) -> None:
        self._chip.console.say("power button pressed")
        await monitor.press_power()
        for _ in range(int(GRACE_SECONDS / 0.1)):
            if not self._on:
                return
            await asyncio.sleep(0.1)
        self._chip.console.say("the system did not react to the power button")

    def _follow_console_from(self, start: int) -> None:
        self._milestones = Milestones(self._parts.hardware.console, start)
        self._left_by_itself = False

    def _console_size(self) -> int:
        console = self._parts.hardware.console
        return console.stat().st_size if console.exists() else 0

    async def _stop_work(self) -> None:
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _hang_up(self) -> None:
        monitor, self._monitor = self._monitor, None
        if monitor is not None:
            await monitor.close()
        server, self._server = self._server, None
        if server is not None:
            await server.close()
        for disc in self._discs.values():
            await disc.close()
        self._discs = {}

    async def _off(self) -> None:
        self._on = False
        self._milestones.progress = "None"
        self._note("off")  # first: who finds no seed while it installs cannot go on
        for file in (self._chip.seed_file, self._chip.seed_file.with_name("cd.iso")):
            file.unlink(missing_ok=True)
        await self._hang_up()
        self._tell()

    def _note(self, step: str) -> None:
        record = {"step": step, "boot": asdict(self._boot), "dies_with_daemon": False}
        write_json(self._chip.power_file, record)

    def _tell(self) -> None:
        for callback in self._callbacks:
            callback()
