"""How a BMC fetches a medium: over TLS it verifies, from its own address."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bloomery.errors import LabError

LARGEST_MEDIUM = 64 * 1024 * 1024
"""Bytes. Media of the lab are below 1 MiB; anything near this is a mistake."""

FETCH_TIMEOUT = 60.0
"""Seconds for one medium: a loopback fetch takes milliseconds, a slow-media fault longer."""


@dataclass(frozen=True)
class Fetcher:
    """Fetches for one BMC."""

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
            ssl=ssl.create_default_context(cafile=str(self.ca)),
        )
        limit = aiohttp.ClientTimeout(total=FETCH_TIMEOUT)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=limit) as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                return await _body(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise LabError(f"{type(error).__name__}: {error}") from error


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    if answer.status != 200:
        raise LabError(f"HTTP {answer.status}")
    data = bytearray()
    async for part in answer.content.iter_chunked(65536):
        data += part
        if len(data) > LARGEST_MEDIUM:
            raise LabError(f"larger than {LARGEST_MEDIUM} bytes")
    return bytes(data)
