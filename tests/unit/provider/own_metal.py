"""A machine without hardware: it installs itself from its media, and boots from disk."""

from __future__ import annotations

import asyncio
import io
import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import aiohttp
import pycdlib

from bloomery.drivers.redfish.machine import BootOrder
from bloomery.errors import LabError
from bloomery.lab.sealed_medium import key_of, open_seed

Request = Callable[[], AbstractAsyncContextManager[aiohttp.ClientResponse]]
"""Asks once more each time it is called."""


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
    root: tuple[str, ...] = ()
    """What its root file system is on, as ``HostFacts`` has it."""
    secure_boot: bool | None = None
    stubborn: bool = False
    """Its system does not hear the power button."""
    install_seconds: float = 0.005
    block: int = 128 * 1024
    """Bytes in one range that its BMC asks for."""
    read_pause: float = 0.0
    """Seconds between two of them."""
    retries: int = 0
    """How often it asks again for a range that it did not get, 10 ms apart."""
    reads_late: bool = False
    """Its installer reads the medium, not its firmware: POST is over by then."""
    refused: str = ""
    """Why its installer did not touch the disk."""
    tags: list[str] = field(default_factory=list)
    """What its firmware showed as asset tag, each time it was switched on."""
    parts: list[bytes] = field(default_factory=list)
    """What it has read of the medium in its drive."""
    cached: dict[str, bytes] = field(default_factory=dict)
    """Media that its BMC loaded as a whole when they were inserted."""
    work: asyncio.Task[None] | None = None

    async def power_on(self, boot: BootOrder) -> None:
        self.on, self.progress = True, "None"
        self.boots.append(boot.source)
        self.tags.append(boot.asset_tag)
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
            await self._install(boot.seed_url or boot.cd_url, key_of(boot.asset_tag))
        elif self.disk is not None and self.dead_disks == 0:
            self.progress, self.answers = "OSRunning", not self.deaf
        else:
            self.dead_disks = max(0, self.dead_disks - 1)

    async def _install(self, url: str, key: str) -> None:
        if self.reads_late:
            self.progress = "OSBootStarted"
        seed = self.cached.get(url) or await self.read(url)
        if seed is None:
            return  # it stands there with a message on its screen
        try:
            files = open_seed(seed, key).files if key else read_iso(seed)
        except LabError as error:
            self.refused = error.reason
            return
        self.progress = "OSBootStarted"
        self.disk, self.wiped = None, self.wiped + 1
        await asyncio.sleep(self.install_seconds)
        if self.stands_still:
            await asyncio.Event().wait()
        if self.cut_power:
            self.cut_power = False
            self._off()
            return
        self.disk = {name: data.decode() for name, data in files.items()}
        self.installed.append(int(json.loads(self.disk["meta.json"])["generation"]))
        self._off()

    async def read(self, url: str) -> bytes | None:
        """By its size and ranges, as BMCs do; each range is asked for once it is needed."""
        self.parts = []
        from_here = aiohttp.TCPConnector(
            local_addr=(self.address, 0), ssl=ssl.create_default_context(cafile=str(self.ca))
        )
        async with aiohttp.ClientSession(
            connector=from_here, raise_for_status=True, timeout=aiohttp.ClientTimeout(total=2)
        ) as session:
            answer = await self._ask(partial(session.head, url))
            size = int(answer[1]) if answer else 0
            for start in range(0, size, self.block):
                asked = {"Range": f"bytes={start}-{min(start + self.block, size) - 1}"}
                answer = await self._ask(partial(session.get, url, headers=asked))
                if answer is None:
                    return None
                self.parts.append(answer[0])
                await asyncio.sleep(self.read_pause)
        return b"".join(self.parts) or None

    async def _ask(self, request: Request) -> tuple[bytes, str] | None:
        """Body and length; None where the controller does not answer to it."""
        for _ in range(self.retries + 1):
            try:
                async with request() as response:
                    return await response.read(), response.headers["Content-Length"]
            except (aiohttp.ClientError, TimeoutError, ValueError):
                await asyncio.sleep(0.01)
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
