"""A machine without hardware: it installs itself from its media, and boots from disk."""

from __future__ import annotations

import asyncio
import io
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pycdlib

from bloomery.drivers.redfish.machine import BootOrder


@dataclass
class Metal:
    """A machine that installs itself from its media, switches off, and boots from disk."""

    address: str
    ca: Path
    on: bool = False
    progress: str = "None"
    disk: dict[str, str] | None = None
    """What the last completed installation wrote; None while there is none."""
    answers: bool = False
    """Whether ssh answers now."""
    installed: list[int] = field(default_factory=list)
    """Generation of each installation that went through."""
    wiped: int = 0
    """Installations that touched the disk, whether they went through or not."""
    boots: list[str] = field(default_factory=list)
    deaf: bool = False
    """Boots from disk, but no ssh."""
    dead_disks: int = 0
    """That many boots from disk end at ``no boot device``."""
    cut_power: bool = False
    """The next installation loses power half-way."""
    stands_still: bool = False
    """The next installation never ends."""
    stubborn: bool = False
    """Its system does not hear the power button."""
    install_seconds: float = 0.005
    work: asyncio.Task[None] | None = None

    async def power_on(self, boot: BootOrder) -> None:
        self.on, self.progress = True, "None"
        self.boots.append(boot.source)
        self.work = asyncio.get_running_loop().create_task(self._run(boot))

    async def power_off(self, *, graceful: bool) -> None:
        if graceful and self.stubborn:
            return
        if self.work is not None:
            self.work.cancel()
        self._off()

    def is_on(self) -> bool:
        return self.on

    def boot_progress(self) -> str:
        return self.progress

    def on_change(self, callback: Callable[[], None]) -> None:
        pass

    def live(self, files: Mapping[str, bytes]) -> None:
        """It runs a system that was installed from these files, some time ago."""
        self.disk = {name: data.decode() for name, data in files.items()}
        self.on, self.progress, self.answers = True, "OSRunning", True

    def _off(self) -> None:
        self.on, self.progress, self.answers = False, "None", False

    async def _run(self, boot: BootOrder) -> None:
        await asyncio.sleep(0.002)
        if boot.source == "Cd":
            await self._install(boot.seed_url)
        elif self.disk is not None and self.dead_disks == 0:
            self.progress, self.answers = "OSRunning", not self.deaf
        else:
            self.dead_disks = max(0, self.dead_disks - 1)

    async def _install(self, url: str) -> None:
        seed = await self._fetch(url)
        if seed is None:
            return  # it stands there with a message on its screen
        self.progress = "OSBootStarted"
        self.disk, self.wiped = None, self.wiped + 1
        await asyncio.sleep(self.install_seconds)
        if self.stands_still:
            await asyncio.Event().wait()
        if self.cut_power:
            self.cut_power = False
            self._off()
            return
        files = read_iso(seed)
        self.disk = {name: data.decode() for name, data in files.items()}
        self.installed.append(int(json.loads(self.disk["meta.json"])["generation"]))
        self._off()

    async def _fetch(self, url: str) -> bytes | None:
        from_here = aiohttp.TCPConnector(local_addr=(self.address, 0))
        tls = ssl.create_default_context(cafile=str(self.ca))
        try:
            async with (
                aiohttp.ClientSession(connector=from_here) as session,
                session.get(url, ssl=tls) as response,
            ):
                response.raise_for_status()
                return await response.read()
        except (aiohttp.ClientError, ValueError):
            return None


def read_iso(image: bytes) -> dict[str, bytes]:
    """Files of an image by their Joliet names."""
    iso = pycdlib.PyCdlib()
    iso.open_fp(io.BytesIO(image))
    found: dict[str, bytes] = {}
    for child in iso.list_children(joliet_path="/"):
        name = child.file_identifier().decode("utf-16_be")
        if child.is_file():
            out = io.BytesIO()
            iso.get_file_from_iso_fp(out, joliet_path=f"/{name}")
            found[name] = out.getvalue()
    iso.close()
    return found
