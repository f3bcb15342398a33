"""How a BMC reads a medium: its size first, then ranges over several connections.

Over TLS it verifies, from its own address. A server that knows no ranges is read in one go.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bloomery.errors import LabError

LARGEST_MEDIUM = 64 * 1024 * 1024
"""Bytes. Media of the lab are below 1 MiB; anything near this is a mistake."""

FETCH_TIMEOUT = 60.0
"""Seconds for one medium: a loopback fetch takes milliseconds, a slow-media fault longer."""

BLOCK = 128 * 1024
"""Bytes in one range: what QEMU and nbdkit ask for is between 32 KiB and 256 KiB."""

CONNECTIONS = 2
"""Ranges asked for at once, as bmcweb does by its two NBD connections."""


@dataclass(frozen=True)
class Fetcher:
    """Reads for one BMC."""

    source: str
    """Address of the BMC; requests come from it."""
    ca: Path
    """Certificate of the site CA, the only one trusted."""

    async def __call__(self, url: str) -> bytes:
        """The medium at ``url``. LabError in one line when it cannot be had."""
        if not url.startswith("https://"):
            raise LabError(f"refused {url}: media are fetched over https only")
        connector = aiohttp.TCPConnector(
            local_addr=(self.source, 0),
            limit=CONNECTIONS,
            ssl=ssl.create_default_context(cafile=str(self.ca)),
        )
        limit = aiohttp.ClientTimeout(total=FETCH_TIMEOUT)
        try:
            async with aiohttp.ClientSession(connector=connector, timeout=limit) as session:
                return await _medium(session, url)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise LabError(f"{type(error).__name__}: {error}") from error


async def _medium(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.head(url, allow_redirects=False) as answer:
        if answer.status != 200:
            raise LabError(f"HTTP {answer.status}")
        size = int(answer.headers.get("Content-Length", "0"))
        by_range = answer.headers.get("Accept-Ranges") == "bytes"
    if size > LARGEST_MEDIUM:
        raise LabError(f"larger than {LARGEST_MEDIUM} bytes")
    if not by_range:
        return await _part(session, url, size, None)
    spans = [(start, min(start + BLOCK, size) - 1) for start in range(0, size, BLOCK)]
    return b"".join(await asyncio.gather(*(_part(session, url, size, span) for span in spans)))


async def _part(
    session: aiohttp.ClientSession, url: str, size: int, span: tuple[int, int] | None
) -> bytes:
    asked = {"Range": f"bytes={span[0]}-{span[1]}"} if span else {}
    async with session.get(url, headers=asked, allow_redirects=False) as answer:
        if answer.status != (206 if span else 200):
            raise LabError(f"HTTP {answer.status}")
        data = await answer.read()
    if len(data) != (span[1] - span[0] + 1 if span else size):
        raise LabError(f"{len(data)} bytes came of {span or size}")
    return data
