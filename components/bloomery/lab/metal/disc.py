"""A disc behind a URL, read piece by piece as a BMC streams it: over TLS, from its own address."""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bloomery.errors import LabError
from bloomery.lab.fetch import Fetcher, Trusts, tls_for

PIECE = 1024 * 1024
"""Bytes of one request: firmware and GRUB read a few KiB at a time, and each request costs."""

PIECES = 16
"""Pieces kept: an installer reads forwards, a file system's tables again and again."""

READ_TIMEOUT = 30.0
"""Seconds for one piece; a loopback read takes milliseconds."""


@dataclass(frozen=True)
class Drive:
    """The virtual drive of one BMC."""

    source: str
    """Address of the BMC; requests come from it."""
    trusts: Trusts

    async def open(self, url: str, kept: Path) -> Disc | KeptDisc:
        """The disc at ``url``. LabError when there is none.

        A server that gives no ranges is asked once, for all of it; ``kept`` is the file it
        then goes to, and comes from where an earlier daemon has asked already.
        """
        tls = tls_for(url, self.trusts)
        if kept.exists():
            return KeptDisc(kept.read_bytes())
        disc = Disc(self._session(tls), url)
        if await disc.find():
            return disc
        await disc.close()
        data = await Fetcher(self.source, self.trusts)(url)
        kept.write_bytes(data)
        kept.chmod(0o600)
        return KeptDisc(data)

    def _session(self, tls: ssl.SSLContext | None) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(local_addr=(self.source, 0), ssl=tls or True)
        limit = aiohttp.ClientTimeout(total=READ_TIMEOUT)
        return aiohttp.ClientSession(connector=connector, timeout=limit)


@dataclass(frozen=True)
class KeptDisc:
    """A disc that was fetched whole. Its ``repr`` shows no content."""

    data: bytes

    def __repr__(self) -> str:
        return f"KeptDisc({len(self.data)} bytes)"

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)

    async def read(self, offset: int, length: int) -> bytes:
        """``length`` bytes from ``offset``."""
        return self.data[offset : offset + length]

    async def close(self) -> None:
        """Nothing is open."""


class Disc:
    """A disc that is read by ranges (RFC 9110, section 14)."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._size = 0
        self._pieces: OrderedDict[int, bytes] = OrderedDict()
        self._turn = asyncio.Lock()

    @property
    def size(self) -> int:
        """Bytes."""
        return self._size

    async def find(self) -> bool:
        """Ask for the size; whether the server gives ranges. LabError where there is no answer."""
        try:
            async with self._session.head(self._url, allow_redirects=False) as answer:
                if answer.status not in (200, 405):
                    raise LabError(f"HTTP {answer.status}")
                self._size = int(answer.headers.get("Content-Length", "0"))
                return answer.status == 200 and answer.headers.get("Accept-Ranges") == "bytes"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise LabError(f"{type(error).__name__}: {error}") from error

    async def read(self, offset: int, length: int) -> bytes:
        """``length`` bytes from ``offset``. LabError when a piece cannot be had."""
        first, last = offset // PIECE, (offset + length - 1) // PIECE
        async with self._turn:
            data = b"".join([await self._piece(number) for number in range(first, last + 1)])
        start = offset - first * PIECE
        return data[start : start + length]

    async def close(self) -> None:
        """Hang up."""
        await self._session.close()

    async def _piece(self, number: int) -> bytes:
        if number in self._pieces:
            self._pieces.move_to_end(number)
            return self._pieces[number]
        start, end = number * PIECE, min((number + 1) * PIECE, self._size)
        wanted = {"Range": f"bytes={start}-{end - 1}"}
        try:
            async with self._session.get(
                self._url, headers=wanted, allow_redirects=False
            ) as answer:
                data = await answer.read() if answer.status == 206 else b""
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise LabError(f"{type(error).__name__}: {error}") from error
        if len(data) != end - start:
            raise LabError(f"HTTP {answer.status} with {len(data)} bytes for {wanted['Range']}")
        self._pieces[number] = data
        if len(self._pieces) > PIECES:
            self._pieces.popitem(last=False)
        return data
