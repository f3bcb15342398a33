"""The QEMU process of one machine: it outlives the daemon, and the next one takes it over."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Sequence

from bloomery.errors import LabError
from bloomery.lab import net, proc
from bloomery.lab.cgroup import Cgroup
from bloomery.lab.command import run
from bloomery.lab.files import read_json, write_json
from bloomery.lab.metal.hardware import DISK_GIB, Hardware, command
from bloomery.lab.metal.tpm import start_tpm
from bloomery.lab.metal.uefi import Uefi
from bloomery.lab.net import HostNet

SETTLE_SECONDS = 0.3
"""How long a QEMU that cannot start takes to say so; one that lives longer has its devices."""


class Qemu:
    """Starts, finds and ends it. All of it blocks, milliseconds but for a machine under load."""

    def __init__(self, hardware: Hardware, network: HostNet) -> None:
        self._hardware = hardware
        self._network = network
        self._cgroup = Cgroup.of(f"{network.id}/{hardware.name}")
        self._process: proc.Process | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return proc.alive(self._process)

    async def start(self, uefi: Uefi, discs: Sequence[str], console_from: int) -> None:
        """Start it; ``prepare`` came before. LabError when it ends at once.

        ``console_from`` is where this power-on begins in the console; an adopter reads it.
        """
        hardware = self._hardware
        self._cgroup.make()
        if hardware.has_tpm:
            await asyncio.to_thread(start_tpm, hardware, self._cgroup)
        log = hardware.run / "qemu.log"
        with log.open("wb") as said:
            self._child = subprocess.Popen(
                [*self._cgroup.wrap(), *command(hardware, uefi, discs)],
                cwd=hardware.run,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        self._process = proc.find(self._child.pid)
        if self._process is not None:
            identity = proc.as_json(self._process)
            write_json(hardware.run / "qemu.json", {**identity, "console_from": console_from})
        await asyncio.sleep(SETTLE_SECONDS)
        if self._child.poll() is not None:
            told = log.read_text(errors="replace").strip().splitlines()
            raise LabError(f"QEMU did not start: {told[-1] if told else self._child.returncode}")

    def adopt(self) -> int | None:
        """Take over one that outlived its daemon; where its console begins, None without one."""
        record = read_json(self._hardware.run / "qemu.json")
        found = proc.from_json(record)
        if record is None or not proc.alive(found):
            return None
        self._process = found
        start = record.get("console_from")
        return start if isinstance(start, int) else 0

    def end(self) -> None:
        """Cut the power: link down first, so that not even a FIN leaves."""
        self.set_link("down")
        self.bury()

    def bury(self) -> None:
        """Clear up after one that has ended; its TPM may be about to."""
        self._cgroup.kill()
        self._process = None
        if self._child is not None:
            self._child.wait()
            self._child = None
        net.unplug(self._network.id, self._hardware.name)

    def kill(self) -> None:
        """The process ends without a word, as in a crash."""
        self._cgroup.kill()

    def set_link(self, state: str) -> None:
        """Pull or plug the network cable."""
        net.set_link(self._network.id, self._hardware.name, state)

    def prepare(self, uefi: Uefi) -> None:
        """Make disks, variable store and network port where they are missing."""
        hardware = self._hardware
        shutil.rmtree(hardware.run, ignore_errors=True)
        for folder in (hardware.run, hardware.disk):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not hardware.variables(uefi).exists():
            shutil.copyfile(uefi.variables, hardware.variables(uefi))
        for drive in hardware.drives:
            if not drive.exists():
                run(["qemu-img", "create", "-q", "-f", "qcow2", str(drive), f"{DISK_GIB}G"])
        self._network.plug_tap(hardware.name)
