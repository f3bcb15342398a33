"""A machine without an operating system: an ssh server that answers like one.

Ghosts let many machines run in one process without root. A ghost has a disk (one
JSON file) that an installation writes, shows the host key of its seed, lets in the
key of its seed, and answers the probe. It runs no commands.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from bloomery.errors import LabError
from bloomery.lab.body import Say
from bloomery.lab.delays import Delays
from bloomery.lab.faults import BOOT_HANG, CRASH, POWER_CUT, SSH_REFUSED, MachineFaults
from bloomery.lab.files import read_json, write_json
from bloomery.lab.ghost_ssh import Answers, GhostSshd
from bloomery.lab.medium import Medium, Seed


class Ghost:
    """Disk and ssh server of one ghost; a ``Body``."""

    def __init__(self, address: str, port: int, disk: Path, delays: Delays) -> None:
        self._place = (address, port)
        self._delays = delays
        self._file = disk / "ghost.json"
        self._sshd: GhostSshd | None = None
        self._on = False
        self._ready = False
        self._starting: asyncio.Task[None] | None = None
        self._callbacks: list[Callable[[], None]] = []

    @property
    def dies_with_daemon(self) -> bool:
        """A ghost lives inside the daemon."""
        return True

    def bootable(self) -> bool:
        """Whether the disk holds a complete installation."""
        return self._file.exists()

    async def install(self, medium: Medium, seed: Seed, say: Say) -> None:
        """Write what the seed says to the empty disk, all of it at once and at the end."""
        say("disk: wiped")
        shutil.rmtree(self._file.parent, ignore_errors=True)
        await asyncio.sleep(self._delays.install)
        contents = {
            "record": seed.record(),
            "user": seed.meta["user"],
            "host_key": seed.text("ssh_host_ed25519_key"),
            "authorized_keys": seed.text("authorized_keys"),
        }
        write_json(self._file, contents)
        say(f"image {medium.image}: a ghost has no disk blocks to write")
        say(f"seed: written for {seed.meta['hostname']}")

    async def boot(self, faults: MachineFaults) -> None:
        """Start, as far as the faults let it."""
        disk = read_json(self._file)
        if disk is None:
            raise LabError("no boot device")
        self._on = True
        if BOOT_HANG not in faults:
            self._starting = asyncio.create_task(self._start(disk, SSH_REFUSED in faults))

    async def _start(self, disk: dict[str, object], refuse: bool) -> None:
        await asyncio.sleep(self._delays.start)
        if not refuse:
            answers = Answers(
                user=str(disk["user"]),
                host_key=str(disk["host_key"]),
                authorized_keys=str(disk["authorized_keys"]),
                probe=json.dumps(disk["record"]) + "\nrunning\n",
            )
            self._sshd = GhostSshd(*self._place, answers)
            self._sshd.open(asyncio.get_running_loop())
        self._ready = True
        self._tell()

    async def shutdown(self) -> None:
        """Switch off; a ghost that hangs does not hear it, like the real thing."""
        if self._ready:
            await self.cut()
            self._tell()

    async def cut(self) -> None:
        """Gone at once. The kernel of the lab still closes the sockets: no silent cut here."""
        if self._starting is not None:
            self._starting.cancel()
            self._starting = None
        if self._sshd is not None:
            self._sshd.close()
            self._sshd = None
        self._on = self._ready = False

    def running(self) -> bool:
        """Whether it runs."""
        return self._on

    def ready(self) -> bool:
        """Whether it has started."""
        return self._ready

    async def adopt(self) -> bool:
        """A ghost lives in the daemon and dies with it: there is never one to take over."""
        return False

    async def begin(self, fault: str, faults: MachineFaults) -> None:
        """Crash and power cut act at once; the others act at the next boot."""
        del faults
        if fault in (CRASH, POWER_CUT) and self._on:
            await self.cut()
            self._tell()

    async def end(self, fault: str, faults: MachineFaults) -> None:
        """Nothing of a ghost's faults can end before its next boot."""

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back when it started, crashed or went off by itself."""
        self._callbacks.append(callback)

    async def close(self) -> None:
        """Close its sockets."""
        await self.cut()

    def _tell(self) -> None:
        for callback in self._callbacks:
            callback()
