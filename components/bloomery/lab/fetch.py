"""How a BMC reads a medium: its size first, then ranges over several connections.

Over TLS, from its own address. A server that knows no ranges is read in one go.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bloomery.drivers.redfish.fake.slot_cas import Belief
from bloomery.errors import LabError

LARGEST_MEDIUM = 64 * 1024 * 1024
"""Bytes. Media of the lab are below 1 MiB; anything near this is a mistake."""

FETCH_TIMEOUT = 60.0
"""Seconds for one medium: a loopback fetch takes milliseconds, a slow-media fault longer."""

BLOCK = 128 * 1024
"""Bytes in one range: what QEMU and nbdkit ask for is between 32 KiB and 256 KiB."""

CONNECTIONS = 2
"""Ranges asked for at once, as bmcweb does by its two NBD connections."""


Trusts = Callable[[str], ssl.SSLContext | None]
"""How a BMC proves whom it reads the medium of a URL from; None for one that knows no TLS."""


def tls_of(belief: Belief | None, ca: Path) -> ssl.SSLContext:
    """TLS of a BMC that believes so; one that was told nothing came with the CA of its lab."""
    if belief is None:
        return ssl.create_default_context(cafile=str(ca))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not belief.verifies:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    elif belief.cas:
        context.load_verify_locations(cadata=belief.cas)
    return context


def tls_for(url: str, trusts: Trusts) -> ssl.SSLContext | None:
    """TLS that ``url`` is read with; None without. LabError for one that this BMC must not read."""
    tls = trusts(url)
    if not url.startswith("https://" if tls else "http://"):
        only = "over https only" if tls else "without TLS only"
        raise LabError(f"refused {url.partition(':')[0]}: this BMC reads media {only}")
    return tls


@dataclass(frozen=True)
class Fetcher:
    """Reads for one BMC."""

    source: str
    """Address of the BMC, or of the machine itself; requests come from it."""
    trusts: Trusts
    whole: bool = False
    """Whether it asks once for all of it, as firmware does that starts from a URL (UEFI 2.10,
    24.7.3.1)."""

    async def __call__(self, url: str) -> bytes:
        """The medium at ``url``. LabError in one line when it cannot be had."""
        connector = aiohttp.TCPConnector(
            local_addr=(self.source, 0),
            limit=CONNECTIONS,
            ssl=tls_for(url, self.trusts) or True,
        )
        limit = aiohttp.ClientTimeout(total=FETCH_TIMEOUT)
        try:
            async with aiohttp.ClientSession(connector=connector, timeout=limit) as session:
                return await _medium(session, url, whole=self.whole)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise LabError(f"{type(error).__name__}: {error}") from error


async def _medium(session: aiohttp.ClientSession, url: str, *, whole: bool) -> bytes:
    async with session.head(url, allow_redirects=False) as answer:
        if answer.status != 200:
            raise LabError(f"HTTP {answer.status}")
        size = int(answer.headers.get("Content-Length", "0"))
        by_range = answer.headers.get("Accept-Ranges") == "bytes"
    if size > LARGEST_MEDIUM:
        raise LabError(f"larger than {LARGEST_MEDIUM} bytes")
    if whole or not by_range:
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
