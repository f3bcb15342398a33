"""A machine whose firmware is real: what its power button starts is a QEMU process.

What ``PlayedBoot`` plays for guests and ghosts happens inside here: POST, the boot device, the
installer. The BMC's part is left: the inserted media are shown as drives, the first boot device
is chosen, and the progress is read.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bloomery.errors import LabError
from bloomery.lab.faults import CRASH, LINK_DOWN, POWER_CUT, MachineFaults
from bloomery.lab.metal.disc import Disc, Drive, KeptDisc
from bloomery.lab.metal.hardware import Hardware
from bloomery.lab.metal.milestones import Milestones
from bloomery.lab.metal.monitor import Monitor
from bloomery.lab.metal.nbd import NbdServer
from bloomery.lab.metal.process import Qemu
from bloomery.lab.metal.uefi import uefi_of
from bloomery.lab.powered import Found, Powered

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


class QemuBoot:
    """A ``Boot`` by UEFI firmware. QEMU outlives the daemon."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._milestones = Milestones(parts.hardware.console, 0)
        self._discs: dict[str, Disc | KeptDisc] = {}
        self._server: NbdServer | None = None
        self._monitor: Monitor | None = None
        self._left_by_itself = False
        self._found = False
        """Whether a QEMU was found that an earlier daemon started."""

    @property
    def progress(self) -> str:
        """As far as the console shows it."""
        return self._milestones.progress

    @progress.setter
    def progress(self, state: str) -> None:
        self._milestones.progress = state

    @property
    def grace(self) -> float:
        """That of a translated system."""
        return GRACE_SECONDS

    @property
    def dies_with_daemon(self) -> bool:
        """It waits for the next daemon where it reads from a CD."""
        return False

    async def run(self, power: Powered) -> str:
        """One power-on, from the media to the end of the process."""
        try:
            await self._start(power)
            await self._watch(power)
        finally:
            await self._hang_up()
        await asyncio.to_thread(self._parts.qemu.bury)
        how = "the system has switched itself off" if self._left_by_itself else "power was lost"
        return f"{how}, the machine is off"

    async def adopt(self, power: Powered, step: str, *, outlives: bool) -> Found:
        """Take over a QEMU that outlived the daemon; without one the machine has no power."""
        del power, step, outlives
        start = self._parts.qemu.adopt()
        if start is None:
            await asyncio.to_thread(self._parts.qemu.end)
            return "lost"
        self._follow_console_from(start)
        self._found = True
        return "runs"

    def listens(self) -> bool:
        """Whether the power button is wired to something."""
        return self._monitor is not None

    async def press(self) -> None:
        """Press the power button (ACPI)."""
        if self._monitor is not None:
            await self._monitor.press_power()

    async def cut(self) -> None:
        """QEMU is gone at once."""
        await asyncio.to_thread(self._parts.qemu.end)

    async def close(self) -> None:
        """Nothing is held but by ``run``."""

    async def begin(self, fault: str, faults: MachineFaults) -> None:
        """Pull the cable or cut the power. LabError for a fault that needs a hand inside."""
        del faults
        if fault not in OFFERED:
            raise LabError(
                f"a machine with a kernel of its own has no fault {fault}",
                subject=self._parts.hardware.name,
                next_step=f"one of {', '.join(OFFERED)}",
            )
        if fault in (LINK_DOWN, POWER_CUT):
            self._parts.qemu.set_link("down")
        if fault in (CRASH, POWER_CUT) and self._parts.qemu.alive:
            await asyncio.to_thread(self._parts.qemu.kill)

    async def end(self, fault: str, faults: MachineFaults) -> None:
        """A cleared link comes back at once."""
        del faults
        if fault == LINK_DOWN:
            self._parts.qemu.set_link("up")

    async def _start(self, power: Powered) -> None:
        """Start QEMU, or hold on to the one that was taken over."""
        parts, (found, self._found) = self._parts, (self._found, False)
        uefi = uefi_of(dict(power.order.bios))
        if not found:
            self._follow_console_from(self._console_size())
            await asyncio.to_thread(parts.qemu.prepare, uefi)
        await self._insert(power, again=found)
        if not found:
            await parts.qemu.start(uefi, list(self._discs), self._console_size())
            if LINK_DOWN in power.faults:
                parts.qemu.set_link("down")
        self._monitor = Monitor(
            parts.hardware.name, lambda event, guest: self._heard(power, event, guest)
        )
        await self._monitor.connect(parts.hardware.monitor)

    async def _insert(self, power: Powered, *, again: bool) -> None:
        """Open what the BMC has in its drives, for this power-on.

        ``again``: for a machine that was taken over and runs; a disc whose server has gone
        meanwhile is one that it can read no more.
        """
        order, say = power.order, power.chip.console.say
        if order.source != "Cd":
            return
        if not order.cd_url:
            raise LabError("no medium in the drive")
        kept = {"cd": power.chip.disc_file, "seed": power.chip.seed_file}
        for drive, url in (("cd", order.cd_url), ("seed", order.seed_url)):
            if not url:
                continue
            try:
                self._discs[drive] = disc = await self._parts.drive.open(url, kept[drive])
            except LabError as error:
                if not again:
                    raise LabError(f"{drive}: cannot be read: {error}") from error
                say(f"{drive}: cannot be read any more")
                continue
            # The address of a seed is a secret of its own: only that it is there is said.
            say(f"{drive}: {disc.size} bytes")
        self._server = NbdServer(self._parts.hardware.discs, self._discs)
        await self._server.open()

    async def _watch(self, power: Powered) -> None:
        """Tell of progress until the process ends."""
        while self._parts.qemu.alive:
            if self._milestones.look():
                power.tell()
            await asyncio.sleep(LOOK_SECONDS)

    def _heard(self, power: Powered, event: str, guest: bool) -> None:
        if event == "RESET":
            self._milestones.reset()
            power.tell()
        elif event == "SHUTDOWN":
            self._left_by_itself = guest

    def _follow_console_from(self, start: int) -> None:
        self._milestones = Milestones(self._parts.hardware.console, start)
        self._left_by_itself = False

    def _console_size(self) -> int:
        console = self._parts.hardware.console
        return console.stat().st_size if console.exists() else 0

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
